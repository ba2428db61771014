//! The faults are over: everything that was broken is mended, and everybody must complete one more action.

use std::time::Duration;

use super::Simulation;

/// How long that may take: ten seconds, and the longest wait of a client that was turned away again and again.
const WELL_WITHIN: Duration = Duration::from_secs(10 + 16);

/// How long nothing more is done after that, so that everybody has been told everything.
const QUIET: Duration = Duration::from_millis(300);

impl Simulation<'_> {
    pub(super) fn calm_down(&mut self) {
        if self.failure.is_some() {
            return;
        }
        self.note("the faults are over", 0, 0);
        self.is_calm = true;
        self.history.set_now(self.agenda.now().0);
        self.history.faults_are_over();
        self.armed.clear();
        self.mend();
        if self.players.iter().any(|player| !player.is_done) {
            self.history.set_now(self.agenda.now().0);
            self.history.faults_are_over();
        }
        let deadline = self.now() + WELL_WITHIN;
        self.go_on_until(|run| {
            run.agenda.now() > deadline
                || run.players.iter().all(|player| player.is_done && player.core.unanswered_count() == 0)
        });
        if self.now() > deadline {
            let stuck: Vec<_> = self
                .players
                .iter()
                .filter(|player| !player.is_done || player.core.unanswered_count() > 0)
                .map(|player| {
                    format!(
                        "{} ({:?}, {} unanswered)",
                        player.character,
                        player.core.stage(),
                        player.core.unanswered_count()
                    )
                })
                .collect();
            return self.fail(format!(
                "I12 after the faults, {} s are not enough for {}",
                WELL_WITHIN.as_secs(),
                stuck.join(", ")
            ));
        }
        let quiet = self.now() + QUIET;
        self.go_on_until(|run| run.agenda.now() > quiet);
    }

    /// What is broken is mended: the network carries word of every end, what is stopped goes on, what is down comes up.
    fn mend(&mut self) {
        let now = self.now();
        self.database.mend(now);
        for host in 0..self.hosts.len() {
            let life = self.hosts[host].life;
            self.thaw(host, life);
            if let Some(request) = self.hosts[host].flush()
                && !self.database.will_answer(request)
            {
                self.lose_reply(host, request, Duration::from_millis(1));
            }
        }
        for player in 0..self.players.len() {
            self.players[player].blunder = None;
            self.players[player].lag = Duration::ZERO;
            self.players[player].hears_at = now;
            if self.players[player].is_deaf {
                self.hear_again(player);
            }
            // A browser that hears that it is online again does not wait.
            self.players[player].retry_at =
                self.players[player].retry_at.min(now + Duration::from_millis(250));
            if let Some(link) = self.players[player].link
                && !self.links[link].server_open
                && !self.links[link].end_is_coming
            {
                self.loses(player, None);
            }
        }
        // The server's end of a connection that its client has given up without a word.
        for link in 0..self.links.len() {
            if self.links[link].server_open && !self.links[link].client_open {
                self.links[link].is_abandoned = false;
                self.tell_server(link);
            }
        }
    }
}
