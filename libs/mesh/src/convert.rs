//! Moments and durations on the wire.

use std::time::Duration;

use model::Timestamp;
use tonic::Status;

use crate::invalid;

/// A moment as protobuf writes it.
pub fn to_proto_timestamp(moment: Timestamp) -> prost_types::Timestamp {
    let nanos = moment.as_micros().rem_euclid(1_000_000) * 1_000;
    prost_types::Timestamp {
        seconds: moment.as_seconds(),
        nanos: i32::try_from(nanos).expect("less than a second of nanoseconds fits"),
    }
}

/// A moment as protobuf writes it, to the microsecond below; what lies beyond the years saturates.
pub fn from_proto_timestamp(moment: prost_types::Timestamp) -> Timestamp {
    let micros =
        moment.seconds.saturating_mul(1_000_000).saturating_add(i64::from(moment.nanos).div_euclid(1_000));
    Timestamp::from_micros(micros)
}

/// A moment that a request must have.
///
/// # Errors
/// `INVALID_ARGUMENT` that names the field when it is missing.
pub fn required_timestamp(field: &str, moment: Option<prost_types::Timestamp>) -> Result<Timestamp, Status> {
    moment.map(from_proto_timestamp).ok_or_else(|| invalid(field, "must be set"))
}

/// A duration as protobuf writes it.
pub fn to_proto_duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).expect("less than a second of nanoseconds fits"),
    }
}

/// A duration that may be missing.
///
/// # Errors
/// `INVALID_ARGUMENT` that names the field when it is negative.
pub fn from_proto_duration(
    field: &str,
    duration: Option<prost_types::Duration>,
) -> Result<Option<Duration>, Status> {
    duration
        .map(|duration| Duration::try_from(duration).map_err(|_| invalid(field, "must not be negative")))
        .transpose()
}

/// A duration that a request must have.
///
/// # Errors
/// `INVALID_ARGUMENT` that names the field when it is missing or negative.
pub fn required_duration(field: &str, duration: Option<prost_types::Duration>) -> Result<Duration, Status> {
    from_proto_duration(field, duration)?.ok_or_else(|| invalid(field, "must be set"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_the_wire_before_and_after_1970() {
        for micros in [0, 1, -1, 1_772_442_000_123_456, -1_500_000] {
            let moment = Timestamp::from_micros(micros);
            let proto = to_proto_timestamp(moment);
            assert!((0..1_000_000_000).contains(&proto.nanos));
            assert_eq!(from_proto_timestamp(proto), moment);
        }
    }

    #[test]
    fn durations_survive_the_wire_and_negative_ones_are_refused() {
        let duration = Duration::from_micros(30_000_001);
        assert_eq!(required_duration("ttl", Some(to_proto_duration(duration))).unwrap(), duration);
        assert_eq!(from_proto_duration("ttl", None).unwrap(), None);
        let negative = prost_types::Duration { seconds: -1, nanos: 0 };
        assert_eq!(
            from_proto_duration("ttl", Some(negative)).unwrap_err().message(),
            "ttl must not be negative"
        );
        assert_eq!(required_duration("ttl", None).unwrap_err().message(), "ttl must be set");
        assert_eq!(required_timestamp("start", None).unwrap_err().message(), "start must be set");
    }
}
