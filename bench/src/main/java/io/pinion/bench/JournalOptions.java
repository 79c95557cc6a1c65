package io.pinion.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which journals are measured. */
final class JournalOptions {
    static final String ROCKSDB = "rocksdb";
    static final String POSTGRESQL = "postgresql";

    @Option(
            names = "--journal",
            split = ",",
            paramLabel = "NAME",
            description = "rocksdb, postgresql, or both with a comma (default: both, where PostgreSQL is installed)")
    private List<String> journals = new ArrayList<>();

    @Option(
            names = "--postgresql",
            paramLabel = "URL",
            defaultValue = "",
            description = "database to use, as jdbc:postgresql://HOST/DATABASE?user=USER&password=PASSWORD"
                    + " (default: a server of its own)")
    private String url = "";

    /** @throws IllegalArgumentException if there is no such journal */
    List<String> names() {
        for (String name : journals) {
            if (!name.equals(ROCKSDB) && !name.equals(POSTGRESQL)) {
                throw new IllegalArgumentException("there is no journal " + name + ": rocksdb or postgresql");
            }
        }
        if (!journals.isEmpty()) {
            return journals;
        }
        return hasPostgres() ? List.of(ROCKSDB, POSTGRESQL) : List.of(ROCKSDB);
    }

    boolean hasPostgres() {
        return !url.isBlank() || BenchPostgres.isInstalled();
    }

    /** The server, if the journal is there; null for the embedded one. */
    @Nullable
    BenchPostgres openFor(String journal) throws IOException {
        return journal.equals(POSTGRESQL) ? open() : null;
    }

    BenchPostgres open() throws IOException {
        return BenchPostgres.open(url);
    }

    static BenchSystem start(@Nullable BenchPostgres server, String... settings) throws IOException {
        return server == null
                ? BenchSystem.start(settings)
                : BenchSystem.start(server.settings(), String.join("\n", settings));
    }
}
