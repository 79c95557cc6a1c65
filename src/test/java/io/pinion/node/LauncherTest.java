package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
