package io.pinion.balancer;

import io.pinion.testing.journal.MemoryLogs;

/** A journal that all systems of this JVM share, as they would a database server: a number is written once. */
final class SharedJournal {
    static final MemoryLogs LOGS = MemoryLogs.named("shared");

    static final String SETTINGS = """
            test.shared-journal.class = "io.pinion.testing.journal.RefusingJournal"
            test.shared-journal.logs = shared
            pekko.persistence.journal.plugin = test.shared-journal
            pinion.durability.journal-plugin-id = test.shared-journal
            pinion.durability.fencing-journals = ["io.pinion.testing.journal.RefusingJournal"]
            pinion.durability.read-journal-id = test.shared-read-journal
            test.shared-read-journal.class = "io.pinion.testing.journal.MemoryReadJournal$Provider"
            test.shared-read-journal.logs = shared
            """;

    private SharedJournal() {}
}
