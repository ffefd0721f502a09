//! Plain tables: aligned columns without borders, for people first and `awk` second.
//!
//! Must not know what the cells mean.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::{HEADER_STYLE, escape::escape, paint, stdout_has_colour, terminal::stdout_width};

/// Blanks between two columns.
const GAP: u16 = 2;

/// How a table is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The columns to keep within by breaking cells; `None`: one line per row, however long.
    pub width: Option<u16>,
    /// Whether the header is bold.
    pub colour: bool,
}

impl Look {
    /// What suits standard output: a terminal's width and colours; neither in a pipe, where programs read lines.
    pub fn of_stdout() -> Self {
        Self { width: stdout_width(), colour: stdout_has_colour() }
    }
}

/// The table with a line end after each line. Cells are escaped here; rows shorter than the header are filled up.
pub fn render_table(header: &[&str], rows: &[Vec<String>], look: Look) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().map(|title| escape(title)));
    for row in rows {
        table.add_row(row.iter().map(|cell| escape(cell)));
    }
    for (column, title) in table.column_iter_mut().zip(header) {
        column.set_padding((0, GAP));
        // A broken title would be a second line of header.
        let width = u16::try_from(title.chars().count()).unwrap_or(u16::MAX).saturating_add(GAP);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
    }
    if let Some(width) = look.width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    let mut text = String::new();
    for (index, line) in table.lines().enumerate() {
        let line = line.trim_end();
        text.push_str(&if index == 0 { paint(line, HEADER_STYLE, look.colour) } else { line.to_owned() });
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look = Look { width: None, colour: false };

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        vec![
            row(["prod-admin", "111122223333", "arn:aws:iam::111122223333:role/team/platform/Administrator"]),
            row(["dev", "444455556666", ""]),
            row(["本番", "", "x\u{1b}[2J\ny"]),
        ]
    }

    #[test]
    fn columns_line_up_and_cells_are_harmless() {
        insta::assert_snapshot!(render_table(&["PROFILE", "ACCOUNT", "ROLE"], &rows(), PLAIN), @r"
        PROFILE     ACCOUNT       ROLE
        prod-admin  111122223333  arn:aws:iam::111122223333:role/team/platform/Administrator
        dev         444455556666
        本番                      x\u{1b}[2J\ny
        ");
    }

    #[test]
    fn a_narrow_terminal_breaks_cells_and_no_titles() {
        let text =
            render_table(&["PROFILE", "ACCOUNT", "ROLE"], &rows(), Look { width: Some(40), colour: false });
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.lines().count() > 4, "{text}");
        let titles: Vec<_> = text.lines().next().unwrap().split_whitespace().collect();
        assert_eq!(titles, ["PROFILE", "ACCOUNT", "ROLE"]);
    }

    #[test]
    fn colour_touches_the_header_alone() {
        let plain = render_table(&["PROFILE", "ACCOUNT", "ROLE"], &rows(), PLAIN);
        let coloured = render_table(&["PROFILE", "ACCOUNT", "ROLE"], &rows(), Look { colour: true, ..PLAIN });
        assert!(coloured.starts_with("\u{1b}["));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
        let below = |text: &str| text.split_once('\n').map(|(_, rest)| rest.to_owned());
        assert_eq!(below(&coloured), below(&plain));
    }

    #[test]
    fn no_rows_leave_the_header() {
        assert_eq!(render_table(&["PROFILE"], &[], PLAIN), "PROFILE\n");
    }
}
