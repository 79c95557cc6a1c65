package io.pinion.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A node in a process of its own, started as the launcher of a checkout starts one, with the class path of this process;
 * it can be killed at any moment. Used by one thread.
 */
public final class NodeProcess implements AutoCloseable {
    private static final String READY = "Ready at ";
    private static final Path JVM_OPTIONS = Path.of("src/main/dist/conf/jvm.options");
    private static final int HEAP_MIB = 1024;

    private final Process process;
    private final Path output;
    private @Nullable URI url;

    private NodeProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Returns when it serves.
     *
     * @param arguments of {@code pinion start}, further to port and data
     */
    public static NodeProcess start(Path data, List<String> arguments) throws IOException {
        return start(HEAP_MIB, data, arguments);
    }

    /** @param heapMib its largest heap, 1 GiB otherwise */
    public static NodeProcess start(int heapMib, Path data, List<String> arguments) throws IOException {
        NodeProcess node = launch(List.of(), heapMib, data, arguments);
        node.awaitReady();
        return node;
    }

    /** As {@link #start(Path, List)}, but returns at once. What it says on its error output stands beside its data. */
    public static NodeProcess launch(Path data, List<String> arguments) throws IOException {
        return launch(List.of(), data, arguments);
    }

    /** @param prefix of the command, which gives its place to it */
    public static NodeProcess launch(List<String> prefix, Path data, List<String> arguments) throws IOException {
        return launch(prefix, HEAP_MIB, data, arguments);
    }

    private static NodeProcess launch(List<String> prefix, int heapMib, Path data, List<String> arguments)
            throws IOException {
        Path checkout = checkout();
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.add("@" + checkout.resolve(JVM_OPTIONS));
        command.add("--upgrade-module-path=" + checkout.resolve("target/graal"));
        // It lives for seconds: the compiler that takes long would only take the time of what is tested.
        command.addAll(List.of("-Xmx" + heapMib + "m", "-XX:TieredStopAtLevel=1", "-Dpinion.javascript.warm-up=off"));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("io.pinion.node.cli.Main");
        command.addAll(List.of("start", "--port", "0", "--data", data.toString()));
        command.addAll(arguments);
        Path output = data.resolveSibling("node-output.txt");
        Process process =
                new ProcessBuilder(command).redirectError(output.toFile()).start();
        return new NodeProcess(process, output);
    }

    /** The folder of the sources, above the one that this process runs in. */
    public static Path checkout() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve(JVM_OPTIONS))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("a node of its own can be started from a checkout of the sources only");
        }
        return folder;
    }

    /** @throws IOException if it ends instead; with what it said */
    public URI awaitReady() throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(READY)) {
                url = URI.create(line.substring(READY.length()));
                return url;
            }
        }
        throw new IOException("the node did not start: " + Files.readString(output));
    }

    public URI url() {
        if (url == null) {
            throw new IllegalStateException("the node is not ready");
        }
        return url;
    }

    /** As kill -9 does: nothing of it runs any more when this returns. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** Nothing of it runs until {@link #thaw}, and nobody is told. */
    public void freeze() throws IOException {
        signal("STOP");
    }

    public void thaw() throws IOException {
        signal("CONT");
    }

    private void signal(String name) throws IOException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        if (kill.onExit().orTimeout(30, TimeUnit.SECONDS).join().exitValue() != 0) {
            throw new IOException("kill -" + name + " " + process.pid() + " failed");
        }
    }

    public boolean hasEnded() {
        return !process.isAlive();
    }

    /** Returns when it has ended by itself. */
    public void awaitEnd(Duration patience) {
        process.onExit().orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).join();
    }

    @Override
    public void close() {
        kill();
    }
}
