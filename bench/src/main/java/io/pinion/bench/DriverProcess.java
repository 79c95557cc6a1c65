package io.pinion.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A {@link WsDriver} in a process of its own, beside a node in this one. Used by one thread. */
final class DriverProcess implements AutoCloseable {
    private static final OperatingSystemMXBean MACHINE =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final Process process;
    private final BufferedReader lines;

    private DriverProcess(Process process) {
        this.process = process;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** @param numbers of the load */
    static DriverProcess start(LoopbackNode node, String kind, double warmupSeconds, double seconds, int... numbers)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                WsDriver.class.getName(),
                kind,
                Integer.toString(node.port()),
                node.database(),
                node.token(),
                Double.toString(warmupSeconds),
                Double.toString(seconds)));
        for (int number : numbers) {
            command.add(Integer.toString(number));
        }
        return new DriverProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /**
     * What the driver has measured, and what this process used meanwhile.
     *
     * @param nodeCpuNanos of this process
     * @param driverCpuNanos of the driver's
     */
    record Measured(Map<String, Double> figures, long nodeCpuNanos, long driverCpuNanos) {
        double of(String name) {
            Double value = figures.get(name);
            if (value == null) {
                throw new IllegalStateException("the driver did not measure " + name + ": " + figures);
            }
            return value;
        }

        double perSecond(String name) {
            return of(name) / of("seconds");
        }
    }

    /** Returns when the measured time begins. */
    void awaitBegin() throws IOException {
        expect(WsDriver.MEASURING);
    }

    /** Returns when the measured time, which has begun, has ended. */
    Measured awaitEnd() throws IOException {
        long nodeBefore = MACHINE.getProcessCpuTime();
        long driverBefore = driverCpuNanos();
        expect(WsDriver.MEASURED);
        long nodeNanos = MACHINE.getProcessCpuTime() - nodeBefore;
        long driverNanos = driverCpuNanos() - driverBefore;
        Map<String, Double> figures = new HashMap<>();
        for (String line = line(); !line.equals(WsDriver.END); line = line()) {
            String[] words = line.split(" ", 2);
            figures.put(words[0], Double.valueOf(words[1]));
        }
        return new Measured(figures, nodeNanos, driverNanos);
    }

    private long driverCpuNanos() {
        return process.info().totalCpuDuration().map(spent -> spent.toNanos()).orElse(0L);
    }

    private void expect(String wanted) throws IOException {
        String line = line();
        if (!line.equals(wanted)) {
            throw new IOException("the driver said " + line + ", not " + wanted);
        }
    }

    private String line() throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw new EOFException("the driver has ended; what went wrong stands above");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
