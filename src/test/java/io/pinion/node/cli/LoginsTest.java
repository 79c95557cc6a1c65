package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginsTest {
    private static final URI SERVER = URI.create("http://127.0.0.1:3000");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void eachServerHasALoginOfItsOwn() {
        Logins logins = new Logins(directory);
        URI other = URI.create("http://127.0.0.1:3001");
        logins.save(SERVER, new Logins.Login("c200", "a.b.c"));
        logins.save(other, new Logins.Login("c201", "d.e.f"));

        assertEquals(Optional.of(new Logins.Login("c200", "a.b.c")), new Logins(directory).find(SERVER));
        assertEquals(Optional.of(new Logins.Login("c201", "d.e.f")), new Logins(directory).find(other));
        assertEquals(Optional.empty(), logins.find(URI.create("http://127.0.0.1:3002")));
    }

    @Test
    void onlyTheUserCanReadTheFile() throws IOException {
        Logins logins = new Logins(directory.resolve("pinion"));
        logins.save(SERVER, new Logins.Login("c200", "a.b.c"));
        logins.save(SERVER, new Logins.Login("c200", "a.b.d"));

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(logins.file())));
    }

    @Test
    void aDamagedFileIsSaidSoByName() throws IOException {
        Logins logins = new Logins(directory);
        Files.writeString(logins.file(), "{");

        CliException failure = assertThrows(CliException.class, () -> logins.find(SERVER));

        assertTrue(String.valueOf(failure.getMessage()).contains(logins.file().toString()));
    }

    @Test
    void commandsThatSaveInTurnLoseNothing() {
        Logins logins = new Logins(directory);
        IntStream.range(0, 20)
                .forEach(i -> logins.save(URI.create("http://host:" + (1 + i)), new Logins.Login("c2", "t" + i)));

        IntStream.range(0, 20)
                .forEach(i -> assertEquals(
                        "t" + i,
                        logins.find(URI.create("http://host:" + (1 + i)))
                                .orElseThrow()
                                .token()));
    }

    @Test
    void aLoginDoesNotShowItsToken() {
        assertEquals("Login[c200]", new Logins.Login("c200", "a.b.c").toString());
    }
}
