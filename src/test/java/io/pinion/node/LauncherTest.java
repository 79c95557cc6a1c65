package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script {@code pinion}, without building anything. */
class LauncherTest {
    private static final Path SCRIPT = Path.of("../pinion").toAbsolutePath().normalize();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void bashReadsIt() throws Exception {
        Result result = run(Map.of(), "/bin/bash", "-n", SCRIPT.toString());

        assertEquals(0, result.exitCode(), result.text());
    }

    @Test
    void aMissingJdkIsSaidSoWithHowToGetOne() throws Exception {
        Result result = run(Map.of("PINION_JVM_FOLDER", directory.toString()), SCRIPT.toString(), "version");

        assertEquals(3, result.exitCode(), result.text());
        assertTrue(result.text().contains("JDK 25 is needed"), result.text());
        assertTrue(result.text().contains("https://adoptium.net"), result.text());
    }

    @Test
    void anOlderJavaHomeIsNamed() throws Exception {
        Path old = jdk("jdk-17", "17.0.1");

        Result result = run(
                Map.of("PINION_JVM_FOLDER", directory.resolve("none").toString(), "JAVA_HOME", old.toString()),
                SCRIPT.toString(),
                "version");

        assertEquals(3, result.exitCode(), result.text());
        assertTrue(result.text().contains("JAVA_HOME is " + old + ", which is not a JDK 25"), result.text());
    }

    @Test
    void anInstallationRunsWithTheJdkThatIsFoundAndItsOwnFlags() throws Exception {
        Path home = installation();
        Path jdk = jdk("temurin-25-jdk", "25.0.3");

        Result start = run(
                Map.of("PINION_JVM_FOLDER", directory.toString(), "PINION_HEAP", "3g"),
                home.resolve("bin/pinion").toString(),
                "start",
                "--port",
                "0");

        assertEquals(0, start.exitCode(), start.text());
        assertTrue(start.text().contains(jdk + "/bin/java"), start.text());
        assertTrue(start.text().contains("@" + home + "/conf/jvm.options"), start.text());
        assertTrue(start.text().contains("--upgrade-module-path=" + home + "/lib/graal"), start.text());
        assertTrue(start.text().contains("-Xmx3g"), start.text());
        assertTrue(
                start.text().contains("-cp " + home + "/lib/* io.pinion.node.cli.Main start --port 0"), start.text());
        assertTrue(start.text().contains("home " + home), start.text());
    }

    @ParameterizedTest(name = "{0} with {3} in {1} is {4}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                    0-7    | 0::/             | sys/fs/cgroup/cpu.max                 | max 100000    | 8
                    0-3,8  | 0::/             | -                                     | -             | 5
                    5      | 0::/             | sys/fs/cgroup/cpu.max                 | max 100000    | 1
                    0-63   | 0::/             | sys/fs/cgroup/cpu.max                 | 300000 100000 | 3
                    0-63   | 0::/             | sys/fs/cgroup/cpu.max                 | 250000 100000 | 3
                    0-1    | 0::/             | sys/fs/cgroup/cpu.max                 | 900000 100000 | 2
                    0-63   | 0::/a/b          | sys/fs/cgroup/a/b/cpu.max             | 50000 100000  | 1
                    0-63   | 0::/a/b          | sys/fs/cgroup/a/cpu.max               | 400000 100000 | 4
                    0-63   | 0::/not/seen     | sys/fs/cgroup/cpu.max                 | 200000 100000 | 2
                    0-63   | 4:cpu,cpuacct:/x | sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us | 600000 | 6
                    0-63   | 4:cpu:/          | sys/fs/cgroup/cpu/cpu.cfs_quota_us    | -1            | 64
                    0-63   | 4:cpuset:/       | sys/fs/cgroup/cpuset/cpu.cfs_quota_us | 100000        | 64
                    """)
    void aNodeIsToldHowManyCpusItMayUse(
            String allowed, String group, @Nullable String file, @Nullable String text, int cpus) throws Exception {
        Path home = installation();
        jdk("temurin-25-jdk", "25.0.3");
        Path system = directory.resolve("system");
        write(system.resolve("proc/self/status"), "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t" + allowed + "\n");
        write(system.resolve("proc/self/cgroup"), group + "\n");
        Files.createDirectories(system.resolve("sys/fs/cgroup/a/b"));
        if (file != null && text != null) {
            write(system.resolve(file), text + "\n");
            write(system.resolve(file).resolveSibling("cpu.cfs_period_us"), "100000\n");
        }

        Result start = run(
                Map.of("PINION_JVM_FOLDER", directory.toString(), "PINION_SYSTEM_ROOT", system.toString()),
                home.resolve("bin/pinion").toString(),
                "start");

        assertEquals(0, start.exitCode(), start.text());
        assertTrue(start.text().contains(" -XX:ActiveProcessorCount=" + cpus + " "), start.text());
    }

    @Test
    void whereTheSystemDoesNotTellTheJvmCountsItsCpusItself() throws Exception {
        Path home = installation();
        jdk("temurin-25-jdk", "25.0.3");

        Result start = run(
                Map.of("PINION_JVM_FOLDER", directory.toString(), "PINION_SYSTEM_ROOT", directory.toString()),
                home.resolve("bin/pinion").toString(),
                "start");

        assertEquals(0, start.exitCode(), start.text());
        assertFalse(start.text().contains("ActiveProcessorCount"), start.text());
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void aLinkToTheScriptFindsItsInstallation() throws Exception {
        Path home = installation();
        jdk("temurin-25-jdk", "25.0.3");
        Path link = Files.createSymbolicLink(directory.resolve("pinion-link"), home.resolve("bin/pinion"));

        Result result = run(Map.of("PINION_JVM_FOLDER", directory.toString()), link.toString(), "version");

        assertEquals(0, result.exitCode(), result.text());
        assertTrue(result.text().contains("home " + home), result.text());
    }

    @Test
    void testsAndBenchmarksNeedACheckout() throws Exception {
        Path home = installation();
        jdk("temurin-25-jdk", "25.0.3");

        Result result = run(
                Map.of("PINION_JVM_FOLDER", directory.toString()),
                home.resolve("bin/pinion").toString(),
                "test");

        assertEquals(1, result.exitCode(), result.text());
        assertTrue(result.text().contains("from a checkout"), result.text());
    }

    /** A java that says how it was called. */
    private Path jdk(String name, String version) throws IOException {
        Path jdk = directory.resolve(name);
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        Path java = jdk.resolve("bin/java");
        Files.writeString(java, "#!/bin/bash\necho \"$0 $*\"\necho \"home $PINION_HOME\"\n");
        assertTrue(java.toFile().setExecutable(true));
        return jdk;
    }

    private Path installation() throws IOException {
        Path home = directory.toRealPath().resolve("installed");
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("lib"));
        Files.copy(SCRIPT, home.resolve("bin/pinion"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        return home;
    }

    private record Result(int exitCode, String text) {}

    /** With a nearly empty environment. */
    private Result run(Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)));
        builder.environment().clear();
        builder.environment().put("HOME", directory.toString());
        builder.environment().put("PATH", searchPath());
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the script does not end");
        return new Result(process.exitValue(), text);
    }

    /** The usual tools and no Java. */
    private String searchPath() throws IOException {
        Path tools = directory.resolve("tools");
        if (Files.notExists(tools)) {
            Files.createDirectories(tools);
            for (String tool : new String[] {"bash", "sed", "dirname", "readlink", "env", "find", "head", "id"}) {
                Path script = Files.writeString(tools.resolve(tool), "#!/bin/sh\nexec " + tool(tool) + " \"$@\"\n");
                assertTrue(script.toFile().setExecutable(true));
            }
        }
        return tools.toString();
    }

    private static Path tool(String name) {
        return List.of("/bin", "/usr/bin").stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
    }
}
