//! How much time is left, in words.

use jiff::SignedDuration;

/// `11h 59m`, `42m`, `30s`.
pub fn render_left(left: SignedDuration) -> String {
    let seconds = left.as_secs();
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m"),
        (hours, minutes) => format!("{hours}h {minutes:02}m"),
    }
}
