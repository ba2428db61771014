//! `--fresh`: a world is thrown away, and whoever does it sees first which one.

use std::io::{BufRead as _, IsTerminal as _, Write as _, stdin, stdout};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use sqlx::{Connection as _, PgConnection};

use super::say::say;
use crate::data_folder::DataFolder;
use crate::postgres::Postgres;
use crate::postgres::unused::wait_until_unused;
use crate::stack::DATABASE;

/// How long the count of the characters may take to be ready to stop.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Throws the world in `folder` away, after asking unless `yes` answers already. False where people kept it.
///
/// # Errors
/// Where nobody can be asked, or it cannot be removed.
pub(super) async fn throw_away(folder: &DataFolder, yes: bool) -> Result<bool> {
    if !folder.postgres().exists() {
        return Ok(true);
    }
    if !yes {
        ensure!(
            stdin().is_terminal(),
            "--fresh throws the world in {} away, and there is no terminal to ask you on: say --yes as well.",
            folder.path().display()
        );
        if !ask(folder).await? {
            return Ok(false);
        }
    }
    // One that a killed owner has left behind would write into what is being removed.
    wait_until_unused(&folder.postgres()).await?;
    folder.throw_away()?;
    say("The old world is gone.");
    Ok(true)
}

async fn ask(folder: &DataFolder) -> Result<bool> {
    let characters = match characters(folder).await {
        Ok(count) => count.to_string(),
        // A world that nobody can read any more is a good reason for throwing it away.
        Err(_) => "cannot be counted".to_owned(),
    };
    let played = folder.last_played().and_then(|time| SystemTime::now().duration_since(time).ok());
    say(&format!(
        "This throws a world away, for good:\n\n    folder       {}\n    characters   {characters}\n    last played  {}\n",
        folder.path().display(),
        played.map_or_else(|| "nobody knows when".to_owned(), ago),
    ));
    let mut output = stdout().lock();
    write!(output, "Throw it away? [y/N] ").and_then(|()| output.flush()).context("ask")?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer).context("read the answer")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

async fn characters(folder: &DataFolder) -> Result<i64> {
    let mut postgres = Postgres::start_kept(folder).await?;
    let count = async {
        let mut connection = PgConnection::connect(&postgres.url(DATABASE)).await?;
        sqlx::query_scalar("SELECT count(*) FROM holdfast.characters").fetch_one(&mut connection).await
    }
    .await;
    postgres.shut_down(STOP_LIMIT).await?;
    Ok(count?)
}

fn ago(time: Duration) -> String {
    let (count, unit) = match time.as_secs() {
        0..120 => return "just now".to_owned(),
        seconds @ 120..7_200 => (seconds / 60, "minutes"),
        seconds @ 7_200..172_800 => (seconds / 3_600, "hours"),
        seconds => (seconds / 86_400, "days"),
    };
    format!("{count} {unit} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_tell_them() {
        let told = [5, 120, 7_199, 7_200, 172_799, 172_800].map(|seconds| ago(Duration::from_secs(seconds)));
        let expected =
            ["just now", "2 minutes ago", "119 minutes ago", "2 hours ago", "47 hours ago", "2 days ago"];
        assert_eq!(told, expected);
    }
}
