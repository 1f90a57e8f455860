//! Which of several machines this is, as CI systems tell it.

use super::Process;
use crate::plan::Shard;

/// The variables of a system: which machine, whether counted from 0, and of how many.
struct System {
    number: &'static str,
    from_zero: bool,
    total: Option<&'static str>,
}

/// GitLab CI (`parallel`), `CircleCI` (`parallelism`), Buildkite (`parallelism`), and Kubernetes, whose
/// Indexed Jobs don't tell how many there are.
const SYSTEMS: [System; 4] = [
    System { number: "CI_NODE_INDEX", from_zero: false, total: Some("CI_NODE_TOTAL") },
    System { number: "CIRCLE_NODE_INDEX", from_zero: true, total: Some("CIRCLE_NODE_TOTAL") },
    System { number: "BUILDKITE_PARALLEL_JOB", from_zero: true, total: Some("BUILDKITE_PARALLEL_JOB_COUNT") },
    System { number: "JOB_COMPLETION_INDEX", from_zero: true, total: None },
];

impl Process {
    /// The shard that is this machine's, of as many as are given or the system tells; why there is
    /// none otherwise.
    pub fn shard(&self, total: Option<usize>) -> Result<Shard, String> {
        let Some(system) = SYSTEMS.iter().find(|system| self.get(system.number).is_some()) else {
            let names = SYSTEMS.map(|system| format!("`{}`", system.number)).join(", ");
            return Err(format!("no machine of several is told by the environment: none of {names} is set"));
        };
        let number = |name: &str| self.get(name).and_then(|text| text.parse::<usize>().ok());
        let own = number(system.number).map(|number| number + usize::from(system.from_zero));
        let told = system.total.and_then(number);
        if let (Some(total), Some(told), Some(name)) = (total, told, system.total)
            && total != told
        {
            return Err(format!("`{name}` tells of {told} machines, not of {total}"));
        }
        let (Some(own), Some(total)) = (own, total.or(told)) else {
            let total = system.total.map_or_else(
                || "write how many there are: `--shard auto/8`".to_owned(),
                |total| format!("`{}` and `{total}` must be numbers", system.number),
            );
            return Err(format!("`{}` tells no shard: {total}", system.number));
        };
        Shard::new(own, total).ok_or_else(|| format!("`{}` tells shard {own} of {total}", system.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_tells_its_machine_in_its_own_way() {
        let shard = |variables: &[(&str, &str)], total| {
            let process: Process = variables.iter().copied().collect();
            process.shard(total).map(|shard| shard.to_string())
        };
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(shard(&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "4")], None), ok("1/4"));
        assert_eq!(shard(&[("CIRCLE_NODE_INDEX", "0"), ("CIRCLE_NODE_TOTAL", "4")], None), ok("1/4"));
        let buildkite = [("BUILDKITE_PARALLEL_JOB", "3"), ("BUILDKITE_PARALLEL_JOB_COUNT", "4")];
        assert_eq!(shard(&buildkite, None), ok("4/4"));
        assert_eq!(shard(&[("JOB_COMPLETION_INDEX", "7")], Some(8)), ok("8/8"));
        for (variables, total) in [
            ([].as_slice(), None),
            (&[("JOB_COMPLETION_INDEX", "7")], None),
            (&[("JOB_COMPLETION_INDEX", "8")], Some(8)),
            (&[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "4")], None),
            (&[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "4")], None),
            (&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "4")], Some(8)),
        ] {
            assert!(shard(variables, total).is_err(), "{variables:?}");
        }
    }
}
