//! What this service counts.

use crate::domain::Standing;

/// Twilio's error codes have five digits. Anything else would be a label nobody chose.
const CODES: std::ops::Range<u32> = 10_000..100_000;

/// Counts a row that was appended to the log.
pub fn count_status(standing: Standing) {
    let error_code = match standing.error_code {
        0 => String::new(),
        code if CODES.contains(&code) => code.to_string(),
        _ => "other".to_owned(),
    };
    let status = standing.status.as_str();
    metrics::counter!("delivery_status_total", "status" => status, "error_code" => error_code).increment(1);
}
