//! The webhook signature: an HMAC over the URL and the parameters, keyed with the Auth Token.
//!
//! The text signed is the URL exactly as configured at Twilio (scheme, host, path and query, never the fragment),
//! followed, for each distinct parameter name in byte order, by the name and each of its distinct values in order.
//! Values are the decoded ones, untrimmed, unknown and empty parameters included. Source: Twilio's
//! "Webhooks security" page and the request validators of its Python and Node packages.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// Header that carries the signature.
pub const HEADER: &str = "x-twilio-signature";

/// Query parameter in which Twilio names the SHA-256 of a JSON body, in lower-case hex.
pub const BODY_HASH_PARAMETER: &str = "bodySHA256";

/// Hash that keys the signature. Ours to configure; what a request claims about itself is never believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Algorithm {
    /// HMAC-SHA1 with the Auth Token, Twilio's default.
    #[default]
    Sha1,
    /// HMAC-SHA256 with a shared webhook key, an opt-in beta at Twilio.
    Sha256,
}

/// Returns the base64 signature of a request with form parameters; `pairs` is empty for GET and JSON requests.
pub fn sign<K: AsRef<str>, V: AsRef<str>>(
    algorithm: Algorithm,
    key: &SecretString,
    url: &str,
    pairs: &[(K, V)],
) -> String {
    STANDARD.encode(mac(algorithm, key, url, &parameters_text(pairs)))
}

/// Tells whether `signature` is the one of `url` and the raw received `pairs` under any of `keys`.
///
/// The URL is accepted with and without its port, for Twilio's own back end is inconsistent about it. All keys and
/// spellings are tried in constant time. Without a key nothing verifies.
pub fn verify<K: AsRef<str>, V: AsRef<str>>(
    algorithm: Algorithm,
    keys: &[SecretString],
    url: &str,
    pairs: &[(K, V)],
    signature: &str,
) -> bool {
    let parameters = parameters_text(pairs);
    let spellings = [without_port(url), with_port(url)];
    let mut found = Choice::from(0);
    for key in keys.iter().filter(|key| !key.expose_secret().is_empty()) {
        for spelling in &spellings {
            let expected = STANDARD.encode(mac(algorithm, key, spelling, &parameters));
            found |= expected.as_bytes().ct_eq(signature.as_bytes());
        }
    }
    found.into()
}

/// Tells whether a JSON request verifies: `bodySHA256` of the URL's query is the hash of `body`, and the signature is
/// that of the URL without parameters. False when the URL names no hash.
pub fn verify_json(
    algorithm: Algorithm,
    keys: &[SecretString],
    url: &str,
    body: &[u8],
    signature: &str,
) -> bool {
    let Some(claimed) = body_hash_of(url) else { return false };
    let actual = hex::encode(Sha256::digest(body));
    let body_matches: bool = actual.as_bytes().ct_eq(claimed.as_bytes()).into();
    verify::<&str, &str>(algorithm, keys, url, &[], signature) & body_matches
}

/// Returns the value of `bodySHA256` in the URL's query, if it has one.
pub fn body_hash_of(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(name, value)| (name == BODY_HASH_PARAMETER).then_some(value))
}

fn parameters_text<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    let mut by_name: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in pairs {
        by_name.entry(name.as_ref()).or_default().insert(value.as_ref());
    }
    let mut text = String::new();
    for (name, values) in by_name {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text
}

fn mac(algorithm: Algorithm, key: &SecretString, url: &str, parameters: &str) -> Vec<u8> {
    fn run<M: Mac + KeyInit>(key: &[u8], parts: [&str; 2]) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(key).expect("an HMAC takes a key of any length");
        for part in parts {
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().to_vec()
    }
    let key = key.expose_secret().as_bytes();
    match algorithm {
        Algorithm::Sha1 => run::<Hmac<Sha1>>(key, [url, parameters]),
        Algorithm::Sha256 => run::<Hmac<Sha256>>(key, [url, parameters]),
    }
}

/// Cuts a URL, untouched otherwise, into what stands before its port, the port's digits and what follows.
fn around_port(url: &str) -> (&str, Option<&str>, &str) {
    let authority_start = url.find("://").map_or(0, |at| at + "://".len());
    let authority_end =
        url[authority_start..].find(['/', '?', '#']).map_or(url.len(), |at| authority_start + at);
    let host_start =
        url[authority_start..authority_end].rfind('@').map_or(authority_start, |at| authority_start + at + 1);
    let bracket_end = url[host_start..authority_end].rfind(']').map_or(host_start, |at| host_start + at + 1);
    match url[bracket_end..authority_end].rfind(':') {
        Some(at) => {
            let colon = bracket_end + at;
            (&url[..colon], Some(&url[colon + 1..authority_end]), &url[authority_end..])
        }
        None => (&url[..authority_end], None, &url[authority_end..]),
    }
}

fn without_port(url: &str) -> String {
    let (before, _, after) = around_port(url);
    format!("{before}{after}")
}

fn with_port(url: &str) -> String {
    let (before, port, after) = around_port(url);
    let scheme_port = if url.starts_with("https://") { "443" } else { "80" };
    format!("{before}:{}{after}", port.unwrap_or(scheme_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MYAPP: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const WEBHOOK: &str = "https://bot.example.com/webhooks/whatsapp?tenant=42";
    const CALL: &[(&str, &str)] = &[
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ];
    const REPEATED: &[(&str, &str)] = &[
        ("Sid", "CA123"),
        ("SidAccount", "AC123"),
        ("Digits", "5678"),
        ("Digits", "1234"),
        ("Digits", "1234"),
    ];
    const INBOUND: &[(&str, &str)] = &[
        ("SmsMessageSid", "SM00000000000000000000000000000001"),
        ("NumMedia", "0"),
        ("ProfileName", "Zoë 👋"),
        ("MessageType", "text"),
        ("SmsSid", "SM00000000000000000000000000000001"),
        ("WaId", "5511999990000"),
        ("SmsStatus", "received"),
        ("Body", "Olá & até já + 100%\nlinha 2 "),
        ("To", "whatsapp:+14155238886"),
        ("NumSegments", "1"),
        ("ReferralNumMedia", "0"),
        ("MessageSid", "SM00000000000000000000000000000001"),
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("From", "whatsapp:+5511999990000"),
        ("ApiVersion", "2010-04-01"),
    ];
    const STATUS: &[(&str, &str)] = &[
        ("ChannelPrefix", "whatsapp"),
        ("ApiVersion", "2010-04-01"),
        ("MessageStatus", "undelivered"),
        ("SmsSid", "SM00000000000000000000000000000002"),
        ("SmsStatus", "undelivered"),
        ("ChannelInstallSid", "XE00000000000000000000000000000001"),
        ("To", "whatsapp:+5511999990000"),
        ("From", "whatsapp:+14155238886"),
        ("MessageSid", "SM00000000000000000000000000000002"),
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("ErrorCode", "63016"),
        ("ChannelStatusMessage", "131047"),
    ];

    fn short() -> SecretString {
        "12345".into()
    }

    fn long() -> SecretString {
        "0123456789abcdef0123456789abcdef".into()
    }

    fn inbound_with_body(body: &'static str) -> Vec<(&'static str, &'static str)> {
        INBOUND.iter().map(|&(name, value)| (name, if name == "Body" { body } else { value })).collect()
    }

    #[test]
    fn published_vectors_are_signed_as_twilio_signs_them() {
        let sha1 = Algorithm::Sha1;
        let json_url =
            format!("{MYAPP}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620");
        let status_get = "https://bot.example.com/webhooks/status?MessageSid=SM00000000000000000000000000000001\
                          &MessageStatus=delivered";
        let empty_body = inbound_with_body("");
        let with_443 = "https://bot.example.com:443/webhooks/whatsapp?tenant=42";
        let none: &[(&str, &str)] = &[];
        let vectors = [
            ("A", sha1, short(), MYAPP, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            (
                "B",
                sha1,
                short(),
                "https://mycompany.com:443/myapp.php?foo=1&bar=2",
                CALL,
                "kvajT1Ptam85bY51eRf/AJRuM3w=",
            ),
            (
                "C",
                sha1,
                short(),
                "http://mycompany.com:80/myapp.php?foo=1&bar=2",
                CALL,
                "0ZXoZLH/DfblKGATFgpif+LLRf4=",
            ),
            (
                "D",
                sha1,
                short(),
                "http://mycompany.com:1234/myapp.php?foo=1&bar=2",
                CALL,
                "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
            ),
            ("F", sha1, short(), MYAPP, REPEATED, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
            ("G", sha1, short(), &json_url, none, "a9nBmqA0ju/hNViExpshrM61xv4="),
            ("H", sha1, long(), WEBHOOK, INBOUND, "BSHh1MceorFM0NZ2ENbYGajWeWw="),
            ("I", sha1, long(), with_443, INBOUND, "sUj1uBSJJ4vbXshsIA1zDUzhIUE="),
            ("J", sha1, long(), WEBHOOK, &empty_body, "rjo/ZaGyhRW/Dceu2EWR4aXgC6U="),
            (
                "K",
                sha1,
                long(),
                "https://bot.example.com/webhooks/status",
                STATUS,
                "q/kxthuAtvjWQeFFJBmzrZx1318=",
            ),
            ("L", sha1, long(), status_get, none, "/C/wJkpN+lm3EZbihBfhZTYMmBc="),
            ("M", Algorithm::Sha256, short(), MYAPP, CALL, "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="),
        ];
        for (name, algorithm, key, url, pairs, expected) in vectors {
            assert_eq!(sign(algorithm, &key, url, pairs), expected, "vector {name}");
            assert!(verify(algorithm, &[key], url, pairs, expected), "vector {name}");
        }
    }

    #[test]
    fn a_url_is_accepted_with_and_without_its_port() {
        let cases = [
            (MYAPP, "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("http://mycompany.com/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            ("https://mycompany.com:1234/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("https://mycompany.com:443/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ];
        for (url, signature) in cases {
            assert!(verify(Algorithm::Sha1, &[short()], url, CALL, signature), "{url}");
        }
    }

    #[test]
    fn the_port_is_found_beside_userinfo_addresses_and_colons_of_the_path() {
        for (url, bare, full) in [
            ("http://[::1]:8080/a", "http://[::1]/a", "http://[::1]:8080/a"),
            ("http://[::1]/a", "http://[::1]/a", "http://[::1]:80/a"),
            ("https://u:p@host/a:1", "https://u:p@host/a:1", "https://u:p@host:443/a:1"),
            ("https://host?t=1:2", "https://host?t=1:2", "https://host:443?t=1:2"),
        ] {
            assert_eq!((without_port(url).as_str(), with_port(url).as_str()), (bare, full));
        }
    }

    #[test]
    fn any_of_several_keys_verifies_and_an_empty_one_never_does() {
        let signature = sign(Algorithm::Sha1, &short(), MYAPP, CALL);
        assert!(verify(Algorithm::Sha1, &[long(), short()], MYAPP, CALL, &signature));
        assert!(!verify(Algorithm::Sha1, &[long()], MYAPP, CALL, &signature));
        assert!(!verify(Algorithm::Sha1, &[], MYAPP, CALL, &signature));
        let keyless = sign(Algorithm::Sha1, &"".into(), MYAPP, CALL);
        assert!(!verify(Algorithm::Sha1, &["".into()], MYAPP, CALL, &keyless));
    }

    #[test]
    fn a_changed_parameter_a_changed_url_or_the_other_algorithm_is_refused() {
        let signature = sign(Algorithm::Sha1, &long(), WEBHOOK, INBOUND);
        let trimmed = inbound_with_body("Olá & até já + 100%\nlinha 2");
        assert!(!verify(Algorithm::Sha1, &[long()], WEBHOOK, &trimmed, &signature));
        assert!(!verify(
            Algorithm::Sha1,
            &[long()],
            "https://bot.example.com/webhooks/whatsapp?tenant=43",
            INBOUND,
            &signature
        ));
        assert!(!verify(Algorithm::Sha256, &[long()], WEBHOOK, INBOUND, &signature));
        assert!(!verify(Algorithm::Sha1, &[long()], WEBHOOK, INBOUND, ""));
    }

    #[test]
    fn a_json_body_needs_its_hash_and_the_signature_of_the_url() {
        let body = br#"{"property": "value", "boolean": true}"#;
        let url =
            format!("{MYAPP}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620");
        let signature = "a9nBmqA0ju/hNViExpshrM61xv4=";
        assert!(verify_json(Algorithm::Sha1, &[short()], &url, body, signature));
        assert!(!verify_json(Algorithm::Sha1, &[short()], &url, br#"{"property": "other"}"#, signature));
        let unhashed = sign::<&str, &str>(Algorithm::Sha1, &short(), MYAPP, &[]);
        assert!(!verify_json(Algorithm::Sha1, &[short()], MYAPP, body, &unhashed));
    }
}
