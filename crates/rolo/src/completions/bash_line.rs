//! bash's side of it: the line up to the cursor split into words as bash splits it, and replies as its line editor puts
//! them in.
//!
//! bash gives a function its words cut at every `:` and `=` and with their quotes, so they are of no use; and it puts a
//! reply in place of no more than what stands behind the last of these characters. Must not know what the words mean.

/// A line up to the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The words before the cursor's, without their quotes, and where each begins, in characters.
    pub words: Vec<(usize, String)>,
    /// The cursor's word; empty behind a blank.
    pub current: Current,
}

/// The word at the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Current {
    /// Where it begins, in characters.
    pub start: usize,
    /// Without its quotes.
    pub text: String,
    /// How much of `text`, in bytes, stays as it is, because bash puts the reply behind it.
    kept: usize,
    /// The quote that is open.
    quote: Option<char>,
}

impl Line {
    /// Splits `line`; `breaks` are the characters of `COMP_WORDBREAKS`.
    pub fn parse(line: &str, breaks: &str) -> Self {
        let mut words = Vec::new();
        let mut word: Option<Current> = None;
        let mut chars = line.chars().enumerate();
        while let Some((at, c)) = chars.next() {
            let fresh = || Current { start: at, ..Current::default() };
            let open = word.as_ref().and_then(|word| word.quote);
            match (open, c) {
                (None, ' ' | '\t' | '\n') => {
                    words.extend(word.take().map(|word: Current| (word.start, word.text)));
                }
                (Some(quote), _) if c == quote => {
                    word.get_or_insert_with(fresh).quote = None;
                }
                (Some('"'), '\\') => {
                    let word = word.get_or_insert_with(fresh);
                    match chars.next() {
                        Some((_, escaped @ ('"' | '\\' | '$' | '`'))) => word.text.push(escaped),
                        Some((_, other)) => word.text.extend(['\\', other]),
                        None => {}
                    }
                }
                (Some(_), _) => word.get_or_insert_with(fresh).text.push(c),
                (None, '\'' | '"') => {
                    let word = word.get_or_insert_with(fresh);
                    word.quote = Some(c);
                    word.kept = word.text.len();
                }
                (None, '\\') => {
                    let word = word.get_or_insert_with(fresh);
                    word.text.extend(chars.next().map(|(_, escaped)| escaped));
                }
                (None, _) => {
                    let word = word.get_or_insert_with(fresh);
                    word.text.push(c);
                    if breaks.contains(c) {
                        word.kept = word.text.len();
                    }
                }
            }
        }
        let end = line.chars().count();
        Self { words, current: word.unwrap_or(Current { start: end, ..Current::default() }) }
    }
}

impl Current {
    /// What bash is to put in for `value`; `None` where `value` does not go on with what stands there.
    pub fn reply(&self, value: &str) -> Option<String> {
        let rest = value.strip_prefix(self.text.as_str()).and(value.get(self.kept..))?;
        Some(match self.quote {
            Some('\'') => rest.replace('\'', r"'\''"),
            Some(_) => quoted(rest, |c| matches!(c, '"' | '\\' | '$' | '`')),
            None => quoted(rest, |c| !c.is_alphanumeric() && !"_-./:=@%+,".contains(c)),
        })
    }
}

fn quoted(text: &str, is_special: impl Fn(char) -> bool) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        if is_special(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// bash's own, unless somebody changes it.
    const BREAKS: &str = " \t\n\"'><=;|&(:";

    #[test]
    fn words_lose_their_quotes_and_keep_their_places() {
        let line = Line::parse(r#"rolo exec 'a b' "c\"d\e" e\ f ü:g"#, BREAKS);
        let words: Vec<_> = line.words.iter().map(|(at, word)| (*at, word.as_str())).collect();
        assert_eq!(words, [(0, "rolo"), (5, "exec"), (10, "a b"), (16, r#"c"d\e"#), (25, "e f")]);
        assert_eq!((line.current.start, line.current.text.as_str()), (30, "ü:g"));
        assert_eq!(Line::parse("rolo ", BREAKS).current, Current { start: 5, ..Current::default() });
    }

    #[test]
    fn replies_begin_where_bash_puts_them_in() {
        for (line, value, reply) in [
            ("rolo use ", "a b", Some(r"a\ b")),
            ("rolo use a", "a b", Some(r"a\ b")),
            (r"rolo use a\ ", "a b", Some(r"a\ b")),
            ("rolo use 'a", "a b's", Some(r"a b'\''s")),
            ("rolo use \"a", "a \"$b", Some(r#"a \"\$b"#)),
            ("rolo use a:", "a:b:c", Some("b:c")),
            ("rolo use a:b:c", "a:b:cd", Some("cd")),
            ("rolo use --format=j", "--format=json", Some("json")),
            (r"rolo use a\:b", "a:bc", Some("a:bc")),
            ("rolo use b", "a", None),
        ] {
            assert_eq!(Line::parse(line, BREAKS).current.reply(value).as_deref(), reply, "{line} {value}");
        }
    }
}
