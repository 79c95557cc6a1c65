package io.pinion.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import io.pinion.bench.DriverProcess.Measured;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Calls over WebSocket from a driver that costs little, and what connections cost that do nothing. */
@Command(
        name = "websocket",
        description = "Pipelined calls over WebSocket: calls per second, CPU of node and driver; idle connections.",
        mixinStandardHelpOptions = true)
final class WebSocketBench implements Callable<Integer> {
    private static final long OPENING_BALANCE = 1_000_000_000;
    /** Beside the connections: files, pipes, the journal. */
    private static final int OTHER_FILES = 500;

    @Option(names = "--connections", defaultValue = "4", description = "that call (default: ${DEFAULT-VALUE})")
    private int connections = 4;

    @Option(
            names = "--in-flight",
            defaultValue = "256",
            description = "calls of each connection at once (default: ${DEFAULT-VALUE})")
    private int inFlight = 256;

    @Option(
            names = "--seconds",
            defaultValue = "10",
            description = "measured time per case (default: ${DEFAULT-VALUE})")
    private double seconds = 10;

    @Option(names = "--warmup", defaultValue = "15", description = "seconds before it (default: ${DEFAULT-VALUE})")
    private double warmupSeconds = 15;

    @Option(
            names = "--idle",
            defaultValue = "0",
            description = "measure so many connections that do nothing, and no calls (default: calls)")
    private int idle;

    @Mixin
    private BankOptions options = new BankOptions();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (connections < 1 || inFlight < 1 || idle < 0) {
            throw new IllegalArgumentException("at least 1 connection and 1 call in flight are needed");
        }
        requireFiles(idle + OTHER_FILES);
        Bytes program = options.read(BankPrograms.WASM);
        BenchReport report = BenchReport.ofCheckout("websocket");
        try (LoopbackNode node = LoopbackNode.start()) {
            node.publish(program, CallLoad.ACCOUNTS, OPENING_BALANCE);
            if (idle > 0) {
                measureIdle(node, report);
            } else {
                measureCalls(node, "empty", CallLoad.EMPTY, report);
                measureCalls(node, "transfer", CallLoad.TRANSFER, report);
            }
        }
        output.print(report);
        return 0;
    }

    /** Each end of a connection is a file of its process; those of node and driver have the same limit. */
    private static void requireFiles(long needed) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                && system.getMaxFileDescriptorCount() < needed) {
            throw new IllegalArgumentException(
                    "so many connections take " + needed + " open files, and this process may have "
                            + system.getMaxFileDescriptorCount() + ": raise it with ulimit -n " + needed);
        }
    }

    private void measureCalls(LoopbackNode node, String kase, int reducer, BenchReport report) throws IOException {
        output.progress("websocket: " + kase);
        try (DriverProcess driver =
                DriverProcess.start(node, CallLoad.KIND, warmupSeconds, seconds, reducer, connections, inFlight)) {
            driver.awaitBegin();
            Measured measured = driver.awaitEnd();
            double calls = Math.max(1, measured.of("calls"));
            double nodeMicros = measured.nodeCpuNanos() / 1e3 / calls;
            double driverMicros = measured.driverCpuNanos() / 1e3 / calls;
            report.add(kase, "calls_per_s", "1/s", measured.perSecond("calls"));
            report.add(kase, "p50_us", "µs", measured.of("p50_us"));
            report.add(kase, "p99_us", "µs", measured.of("p99_us"));
            report.add(kase, "node_cpu_us_per_call", "µs", nodeMicros);
            report.add(kase, "driver_cpu_us_per_call", "µs", driverMicros);
            report.add(kase, "bytes_per_call", "B", measured.of("bytes") / calls);
        }
    }

    private void measureIdle(LoopbackNode node, BenchReport report) throws IOException {
        output.progress("websocket: opening " + idle + " connections");
        String kase = "idle_" + idle;
        long heapBefore = heapBytes();
        long residentBefore = residentBytes();
        int threadsBefore = threads();
        try (DriverProcess driver = DriverProcess.start(node, IdleLoad.KIND, 0, seconds, idle)) {
            driver.awaitBegin();
            long heapBytes = heapBytes() - heapBefore;
            report.add(kase, "heap_per_conn", "B", (double) heapBytes / idle);
            report.add(kase, "resident_per_conn", "B", (double) (residentBytes() - residentBefore) / idle);
            report.add(kase, "threads_more", "", threads() - threadsBefore);
            Measured measured = driver.awaitEnd();
            report.add(kase, "opened_per_s", "1/s", measured.of("opened_per_s"));
            report.add(kase, "node_cpu", "%", measured.nodeCpuNanos() / 1e7 / measured.of("seconds"));
        }
    }

    private static long heapBytes() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** What the system says that this process holds of its memory; 0 where it does not say. */
    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.notExists(status)) {
            return 0;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        return 0;
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }
}
