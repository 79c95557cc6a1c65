package io.pinion.node.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeysTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void aPairThatIsMissingIsMadeAndReadAgainLater() throws KeyFileException, IOException {
        SigningKeys made = SigningKeys.loadOrCreate(directory);
        SigningKeys read = SigningKeys.loadOrCreate(directory);

        assertEquals(made, read);
        assertEquals(Files.readString(directory.resolve("id_ecdsa.pub")), read.publicPem());
        assertTrue(Files.readString(directory.resolve("id_ecdsa")).startsWith("-----BEGIN PRIVATE KEY-----\n"));
        assertTrue(read.publicPem().startsWith("-----BEGIN PUBLIC KEY-----\n"));
    }

    @Test
    void onlyItsOwnerCanReadThePrivateKey() throws KeyFileException, IOException {
        SigningKeys.loadOrCreate(directory);

        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("id_ecdsa"))));
    }

    @Test
    void halfAPairIsRefusedWithTheNameOfTheOtherHalf() throws KeyFileException, IOException {
        SigningKeys.loadOrCreate(directory);
        Files.delete(directory.resolve("id_ecdsa"));

        String message = message();

        assertTrue(message.contains("id_ecdsa.pub exists"), message);
    }

    @Test
    void twoHalvesOfDifferentPairsAreRefused() throws KeyFileException, IOException {
        Path other = directory.resolve("other");
        Files.createDirectory(other);
        SigningKeys.loadOrCreate(directory);
        SigningKeys.loadOrCreate(other);
        Files.copy(
                other.resolve("id_ecdsa.pub"),
                directory.resolve("id_ecdsa.pub"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertTrue(message().endsWith("are not one pair"), message());
    }

    @Test
    void aFileThatHoldsNoKeyIsRefusedByName() throws KeyFileException, IOException {
        SigningKeys.loadOrCreate(directory);
        Files.writeString(directory.resolve("id_ecdsa"), "rubbish");

        assertTrue(message().contains("id_ecdsa is not a P-256 private key"), message());
    }

    private String message() {
        return String.valueOf(assertThrows(KeyFileException.class, () -> SigningKeys.loadOrCreate(directory))
                .getMessage());
    }
}
