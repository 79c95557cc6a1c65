package io.pinion.node.management;

import io.pinion.actors.cluster.DatabaseState;
import io.pinion.actors.cluster.PinionHost;
import io.pinion.actors.core.BindingLoad;
import io.pinion.actors.core.CoreLoad;
import io.pinion.actors.core.CoreSet;
import io.pinion.actors.core.DelayHistogram;
import io.pinion.actors.database.CallCounts;
import io.pinion.actors.durability.JournalMeter;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.Route;
import io.pinion.node.http.Route.Access;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * {@code /metrics}: what this node does, for Prometheus. Counters that are there anyway are read when somebody asks; nothing
 * is counted for this alone. The number of series is bounded: databases have some of their own only if they are among the
 * busiest.
 */
final class Metrics implements MultiCollector {
    private static final double NANOS = 1e-9;
    private static final long DELAY_NANOS_MIN = 1024;
    private static final int DELAY_BOUNDS = 12;

    private final PinionHost host;
    private final CoreSet cores;
    private final LongSupplier sockets;
    private final int databasesMax;
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();

    /**
     * @param sockets open WebSocket connections
     * @param databasesMax with series of their own
     */
    Metrics(PinionHost host, CoreSet cores, LongSupplier sockets, int databasesMax) {
        this.host = host;
        this.cores = cores;
        this.sockets = sockets;
        this.databasesMax = databasesMax;
        registry.register(this);
        JvmMetrics.builder().register(registry);
    }

    /** @param reading who may read */
    List<Route> routes(Access reading, Operators operators) {
        return List.of(Route.get("/metrics", reading, exchange -> answer(exchange, operators)));
    }

    private HttpResponse answer(Exchange exchange, Operators operators) {
        operators.requireReader(exchange);
        ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 14);
        try {
            writer.write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return HttpResponse.create()
                .withEntity(HttpEntities.create(ContentTypes.parse(writer.getContentType()), out.toByteArray()));
    }

    @Override
    public MetricSnapshots collect() {
        List<DatabaseState> databases = host.databasesHere();
        PinionHost.NodeCounts counts = host.countsHere();
        List<MetricSnapshot> all = new ArrayList<>();
        calls(all, databases, counts);
        databases(all, databases);
        journal(all, counts.journal());
        cores(all, cores.cores());
        busiest(all, databases);
        all.add(new Family("pinion_websockets", "Open WebSocket connections.")
                .add(sockets.getAsLong())
                .gauge());
        return new MetricSnapshots(all);
    }

    private static void calls(List<MetricSnapshot> all, List<DatabaseState> databases, PinionHost.NodeCounts counts) {
        CallCounts reducers = counts.retired().reducers();
        CallCounts procedures = counts.retired().procedures();
        for (DatabaseState database : databases) {
            reducers = reducers.plus(database.reducers());
            procedures = procedures.plus(database.procedures());
        }
        Family calls = new Family("pinion_calls", "Calls that have ended, by what became of them.");
        for (CallCounts.Ending ending : CallCounts.Ending.values()) {
            String outcome = ending.name().toLowerCase(Locale.ROOT);
            calls.add(reducers.ended(ending), "kind", "reducer", "outcome", outcome);
            calls.add(procedures.ended(ending), "kind", "procedure", "outcome", outcome);
        }
        all.add(calls.counter());
        all.add(HistogramSnapshot.builder()
                .name("pinion_call_duration_seconds")
                .help("Wall time of calls.")
                .dataPoint(durations(reducers, "reducer"))
                .dataPoint(durations(procedures, "procedure"))
                .build());
    }

    private static HistogramDataPointSnapshot durations(CallCounts calls, String kind) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < CallCounts.CLASSES; i++) {
            long upper = CallCounts.upperNanos(i);
            buckets.bucket(upper == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : upper * NANOS, calls.inClass(i));
        }
        HistogramDataPointSnapshot.Builder point = HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(buckets.build())
                .labels(Labels.of("kind", kind));
        point.sum(calls.nanos() * NANOS);
        return point.build();
    }

    private static void databases(List<MetricSnapshot> all, List<DatabaseState> databases) {
        Map<String, Long> states =
                databases.stream().collect(Collectors.groupingBy(LocalNode::state, Collectors.counting()));
        Family count = new Family("pinion_databases", "Databases in memory, by state.");
        for (DatabaseState.Phase phase : DatabaseState.Phase.values()) {
            String state = phase.name().toLowerCase(Locale.ROOT);
            count.add(states.getOrDefault(state, 0L), "state", state);
        }
        all.add(count.gauge());
        all.add(new Family("pinion_waiting", "Messages that wait in the mailboxes of databases.")
                .add(databases.stream().mapToLong(DatabaseState::waiting).sum())
                .gauge());
        all.add(new Family("pinion_instances", "Instances of modules, by what they are there for.")
                .add(databases.stream().mapToLong(state -> state.pool().lent()).sum(), "state", "lent")
                .add(databases.stream().mapToLong(state -> state.pool().spare()).sum(), "state", "spare")
                .add(
                        databases.stream()
                                .mapToLong(state -> state.pool().beingMade())
                                .sum(),
                        "state",
                        "being_made")
                .gauge());
    }

    private static void journal(List<MetricSnapshot> all, JournalMeter.Counts journal) {
        all.add(new Family("pinion_journal_writes", "Writes of databases that are durable.")
                .add(journal.writes())
                .counter());
        all.add(new Family("pinion_journal_events", "Events in them.")
                .add(journal.events())
                .counter());
        all.add(new Family("pinion_journal_bytes", "Bytes in them.")
                .add(journal.bytes())
                .counter());
        all.add(new Family("pinion_journal_write_seconds", "From sending a write to hearing that it is durable.")
                .add(journal.nanos() * NANOS)
                .counter());
        all.add(new Family("pinion_journal_failures", "Writes that failed or were rejected.")
                .add(journal.failures())
                .counter());
    }

    private void cores(List<MetricSnapshot> all, List<CoreLoad> loads) {
        Family busy = new Family("pinion_core_busy_seconds", "Time that a core has spent in turns of databases.");
        Family turns = new Family("pinion_core_turns", "Turns that have ended.");
        Family handOffs = new Family("pinion_core_hand_offs", "Turns that a core was taken from.");
        Family runnable = new Family("pinion_core_runnable", "Databases that wait for a core.");
        Family relief = new Family("pinion_core_relief_threads", "Threads beyond the one that owns a core.");
        HistogramSnapshot.Builder delays = HistogramSnapshot.builder()
                .name("pinion_core_queue_delay_seconds")
                .help("From becoming runnable to running.");
        for (CoreLoad load : loads) {
            String core = Integer.toString(load.core());
            busy.add(load.busyNanos() * NANOS, "core", core);
            turns.add(load.turns(), "core", core);
            handOffs.add(load.handOffs(), "core", core);
            runnable.add(load.runnable(), "core", core);
            relief.add(load.reliefThreads(), "core", core);
            delays.dataPoint(HistogramDataPointSnapshot.builder()
                    .classicHistogramBuckets(buckets(load.queueDelay()))
                    .labels(Labels.of("core", core))
                    .build());
        }
        all.addAll(List.of(
                busy.counter(), turns.counter(), handOffs.counter(), runnable.gauge(), relief.gauge(), delays.build()));
        all.add(new Family("pinion_rebinds", "How often a database was bound to a core anew.")
                .add(cores.rebinds())
                .counter());
    }

    private static ClassicHistogramBuckets buckets(DelayHistogram.Snapshot delays) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        long before = 0;
        for (int i = 0; i < DELAY_BOUNDS; i++) {
            long bound = DELAY_NANOS_MIN << (2 * i);
            long upTo = delays.countAtMost(bound - 1);
            buckets.bucket(bound * NANOS, upTo - before);
            before = upTo;
        }
        return buckets.bucket(Double.POSITIVE_INFINITY, delays.count() - before).build();
    }

    private void busiest(List<MetricSnapshot> all, List<DatabaseState> databases) {
        Map<String, DatabaseState> states = databases.stream()
                .collect(Collectors.toMap(state -> state.database().toHex(), state -> state, (a, _) -> a));
        List<BindingLoad> busiest = cores.bindings().stream()
                .sorted(Comparator.comparingLong(BindingLoad::busyNanos).reversed())
                .limit(databasesMax)
                .toList();
        Family busy = new Family("pinion_database_busy_seconds", "Time that one of the busiest databases has run.");
        Family calls = new Family("pinion_database_calls", "Calls of one of the busiest databases since it came here.");
        Family handOffs = new Family("pinion_database_hand_offs", "Turns of it that lost their core.");
        Family waiting = new Family("pinion_database_waiting", "Messages that wait in its mailbox.");
        Family core = new Family("pinion_database_core", "The core that it is bound to.");
        for (BindingLoad load : busiest) {
            busy.add(load.busyNanos() * NANOS, "database", load.name());
            handOffs.add(load.handOffs(), "database", load.name());
            core.add(load.core(), "database", load.name());
            DatabaseState state = states.get(load.name());
            if (state != null) {
                calls.add(state.reducers().total() + state.procedures().total(), "database", load.name());
                waiting.add(state.waiting(), "database", load.name());
            }
        }
        all.addAll(List.of(busy.counter(), calls.counter(), handOffs.counter(), waiting.gauge(), core.gauge()));
    }
}
