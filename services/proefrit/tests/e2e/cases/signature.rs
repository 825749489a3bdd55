//! Promise 1's door: Twilio's own library signs, the mesh verifies.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::rows;
use crate::under_test::MeshUnderTest;
use crate::world::{ACCOUNT_SID, AUTH_TOKEN, SENDER, new_customer};

/// Names a Python that has the package `twilio`; tests/run.sh makes one.
const PYTHON: &str = "TEST_TWILIO_PYTHON";

const SIGN: &str = "
import sys
from urllib.parse import parse_qsl
from twilio.request_validator import RequestValidator
token, url, form = sys.argv[1:]
print(RequestValidator(token).compute_signature(url, dict(parse_qsl(form, keep_blank_values=True))))
";

pub async fn twilios_own_library(mesh: &MeshUnderTest) -> Result<()> {
    let Some(python) = testkit::servers::named(PYTHON) else { return Ok(()) };
    let customer = new_customer();
    for (number, query) in ["", "?a=1&b=%20x"].into_iter().enumerate() {
        let url = mesh.webhook_url() + query;
        let sid = format!("SM{:032x}", rand::random::<u128>());
        let form = encoded(&[
            ("MessageSid", &sid),
            ("AccountSid", ACCOUNT_SID),
            ("From", &format!("whatsapp:{customer}")),
            ("To", &format!("whatsapp:{SENDER}")),
            ("Body", "Prijs van de Golf? 100% é & ü = goed + netjes"),
            ("ProfileName", "Zoë"),
            ("NumMedia", "0"),
            ("EmptyField", ""),
        ]);
        let signed = Command::new(&python).args(["-c", SIGN, AUTH_TOKEN, &url, &form]).output()?;
        ensure!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
        let signature = String::from_utf8(signed.stdout)?.trim().to_owned();

        ensure!(post(&url, &form.replacen("Golf", "Polo", 1), &signature).await? == 403, "a changed word");
        ensure!(post(&url, &form.replacen("SM", "SN", 1), &signature).await? == 403, "a changed byte");
        ensure!(
            post(&format!("{url}{}", if query.is_empty() { "?c=1" } else { "&c=1" }), &form, &signature)
                .await?
                == 403
        );
        let kept = rows::messages(mesh, &customer)
            .await
            .map_or(0, |rows| rows.iter().filter(|row| row.author == "customer").count());
        ensure!(kept == number, "a forged webhook was kept");
        ensure!(post(&url, &form, &signature).await? == 200, "what Twilio signed was refused");
    }
    let rows = rows::messages(mesh, &customer).await?;
    let first = rows.first().context("nothing was kept")?;
    ensure!(first.body == "Prijs van de Golf? 100% é & ü = goed + netjes", "kept as {:?}", first.body);
    Ok(())
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://x").expect("a constant");
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}

async fn post(url: &str, form: &str, signature: &str) -> Result<u16> {
    let request = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-twilio-signature", signature)
        .body(form.to_owned());
    Ok(request.send().await?.status().as_u16())
}
