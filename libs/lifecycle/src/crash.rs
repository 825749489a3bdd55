//! Points at which a test can kill the process, as a power cut would: `PROEFRIT_CRASH_AT=name` aborts the first
//! time the point is reached, `name#3` the third time. `PROEFRIT_CRASH_LOG=file` collects the names of the points
//! reached, one per line and each once, so that a test can visit them all. Builds without debug assertions
//! compile all of it away.

/// Marks a point named `<service>.<write>.before-commit`, `<service>.<call>.after` or the like.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    active::reached(name);
}

/// Marks a point named `<service>.<write>.before-commit`, `<service>.<call>.after` or the like.
#[cfg(not(debug_assertions))]
#[inline]
pub fn point(_name: &str) {}

/// Marks a point whose name is put together only where points are active.
#[cfg(debug_assertions)]
pub fn point_with(name: impl FnOnce() -> String) {
    if active::is_armed() {
        active::reached(&name());
    }
}

/// Marks a point whose name is put together only where points are active.
#[cfg(not(debug_assertions))]
#[inline]
pub fn point_with(_name: impl FnOnce() -> String) {}

#[cfg(debug_assertions)]
mod active {
    use std::collections::HashSet;
    use std::fs::{File, OpenOptions};
    use std::io::Write;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{LazyLock, Mutex, PoisonError};

    struct Plan {
        crash_at: Option<(String, u32)>,
        times_reached: AtomicU32,
        log: Option<Mutex<(HashSet<String>, File)>>,
    }

    static PLAN: LazyLock<Plan> = LazyLock::new(|| {
        let crash_at = std::env::var("PROEFRIT_CRASH_AT").ok().filter(|name| !name.is_empty()).map(|name| {
            match name.rsplit_once('#') {
                Some((name, time)) => {
                    let time = time.parse().expect("PROEFRIT_CRASH_AT must be name or name#n, n from 1");
                    (name.to_owned(), time)
                }
                None => (name, 1),
            }
        });
        let log = std::env::var_os("PROEFRIT_CRASH_LOG").map(|path| {
            let file = OpenOptions::new().create(true).append(true).open(path);
            Mutex::new((
                HashSet::new(),
                file.expect("PROEFRIT_CRASH_LOG must name a file that can be written"),
            ))
        });
        Plan { crash_at, times_reached: AtomicU32::new(0), log }
    });

    pub(super) fn is_armed() -> bool {
        PLAN.crash_at.is_some() || PLAN.log.is_some()
    }

    pub(super) fn reached(name: &str) {
        let plan = &*PLAN;
        if let Some(log) = &plan.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            let (seen, file) = &mut *log;
            if seen.insert(name.to_owned()) {
                file.write_all(format!("{name}\n").as_bytes()).expect("the crash log can be written");
            }
        }
        if let Some((crash_at, time)) = &plan.crash_at
            && crash_at == name
            && plan.times_reached.fetch_add(1, Ordering::SeqCst) + 1 == *time
        {
            eprintln!("crash point {name} reached for time {time}: aborting");
            std::process::abort();
        }
    }
}

#[cfg(debug_assertions)]
#[cfg(test)]
mod tests {
    use std::process::{Command, ExitStatus};

    /// Runs the ignored test below in a process of its own, where aborting harms nobody.
    fn visit(crash_at: &str, log: &std::path::Path) -> ExitStatus {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::tests::visits_its_points", "--ignored"])
            .env("PROEFRIT_CRASH_AT", crash_at)
            .env("PROEFRIT_CRASH_LOG", log)
            .output()
            .unwrap()
            .status
    }

    #[test]
    #[ignore = "run by the other tests in a process of its own"]
    fn visits_its_points() {
        for _ in 0..3 {
            super::point("crm.write.before-commit");
            super::point_with(|| "crm.write.after-commit".to_owned());
        }
    }

    #[test]
    fn a_point_aborts_the_process_at_the_time_asked_for() {
        use std::os::unix::process::ExitStatusExt;
        let dir = tempfile::tempdir().unwrap();
        for crash_at in ["crm.write.before-commit", "crm.write.after-commit", "crm.write.after-commit#3"] {
            assert_eq!(visit(crash_at, &dir.path().join("log")).signal(), Some(6), "{crash_at}");
        }
        for spared in ["", "crm.write.after-commit#4", "another.point"] {
            assert!(visit(spared, &dir.path().join("log")).success(), "{spared}");
        }
    }

    #[test]
    fn the_log_names_each_point_once() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        assert!(visit("", &log).success());
        assert_eq!(
            std::fs::read_to_string(&log).unwrap(),
            "crm.write.before-commit\ncrm.write.after-commit\n"
        );
    }
}
