package io.pinion.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, started as the launcher starts one; it can be killed at any moment. */
final class NodeProcess implements AutoCloseable {
    private static final String READY = "Ready at ";

    private final Process process;
    private final URI url;

    private NodeProcess(Process process, URI url) {
        this.process = process;
        this.url = url;
    }

    /** Returns when it serves. */
    static NodeProcess start(Path data) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.add("@" + Path.of("main/dist/conf/jvm.options").toAbsolutePath());
        command.add("--upgrade-module-path=" + Path.of("../target/graal").toAbsolutePath());
        command.add("-Xmx1g");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("io.pinion.node.cli.Main");
        command.addAll(List.of("start", "--port", "0", "--data", data.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(data.resolveSibling("node-output.txt").toFile())
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(READY)) {
                return new NodeProcess(process, URI.create(line.substring(READY.length())));
            }
        }
        throw new IOException("the node did not start, see " + data.resolveSibling("node-output.txt"));
    }

    URI url() {
        return url;
    }

    /** As kill -9 does: nothing of it runs any more when this returns. */
    void kill() {
        process.destroyForcibly();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        kill();
    }
}
