//! Wall-clock ratios: two programs by turns, many times, so that what else the machine does meets both alike.

use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::Failure;

/// How long a program takes, and how that compares with the other one of its pair.
pub(crate) struct Ratio {
    median: Duration,
    ratio: f64,
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ms, {:.2} x", self.median.as_secs_f64() * 1e3, self.ratio)
    }
}

/// Medians over `runs` pairs.
pub(crate) fn compare(command: &Command, floor: &Command, runs: usize) -> Result<Ratio, Failure> {
    let mut times = Vec::with_capacity(runs);
    let mut ratios = Vec::with_capacity(runs);
    for _ in 0..runs {
        let (base, time) = (time(floor)?, time(command)?);
        times.push(time.as_secs_f64());
        ratios.push(time.as_secs_f64() / base.as_secs_f64());
    }
    Ok(Ratio { median: Duration::from_secs_f64(median(times)), ratio: median(ratios) })
}

fn time(command: &Command) -> Result<Duration, Failure> {
    let mut fresh = Command::new(command.get_program());
    fresh.args(command.get_args()).env_clear();
    fresh.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    fresh.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = fresh.status().map_err(Failure::at("a timed run"))?;
    let time = start.elapsed();
    if status.success() { Ok(time) } else { Err(Failure::new(format!("a timed run ended with {status}"))) }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_shrugs_off_one_slow_run() {
        assert!((median(vec![2.0, 900.0, 1.0]) - 2.0).abs() < f64::EPSILON);
    }
}
