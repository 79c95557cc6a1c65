package io.pinion.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The tokens of this user, one per server, in a file that nobody else can read. Safe against other commands at once. */
final class Logins {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "logins.json";

    private final Path directory;

    Logins(Path directory) {
        this.directory = directory;
    }

    /** Who the user is to one server. */
    record Login(String identity, String token) {
        /** Without the token, which is a secret. */
        @Override
        public String toString() {
            return "Login[" + identity + "]";
        }
    }

    Path file() {
        return directory.resolve(FILE);
    }

    Optional<Login> find(URI server) {
        return login(read().path(server.toString()));
    }

    /** At all servers. */
    List<Login> all() {
        return read().valueStream().flatMap(login -> login(login).stream()).toList();
    }

    private static Optional<Login> login(JsonNode login) {
        return login.path("token").isTextual()
                ? Optional.of(new Login(
                        login.path("identity").asText(), login.path("token").asText()))
                : Optional.empty();
    }

    void save(URI server, Login login) {
        change(logins -> logins.putObject(server.toString())
                .put("identity", login.identity())
                .put("token", login.token()));
    }

    private ObjectNode read() {
        if (Files.notExists(file())) {
            return JSON.createObjectNode();
        }
        try {
            if (JSON.readTree(Files.readString(file())) instanceof ObjectNode logins) {
                return logins;
            }
            throw new CliException(file() + " is damaged: it is no JSON object. Remove it to log in anew.");
        } catch (JsonProcessingException e) {
            throw new CliException(
                    file() + " is damaged: " + e.getOriginalMessage() + ". Remove it to log in anew.", e);
        } catch (IOException e) {
            throw new CliException("cannot read " + file() + ": " + e, e);
        }
    }

    private void change(Consumer<ObjectNode> change) {
        try {
            Files.createDirectories(directory);
            try (FileChannel channel = FileChannel.open(
                            directory.resolve(FILE + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                assert lock.isValid();
                ObjectNode logins = read();
                change.accept(logins);
                replace(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(logins));
            }
        } catch (IOException e) {
            throw new CliException("cannot write " + file() + ": " + e, e);
        }
    }

    /** The new file has mode 0600 before anything is in it. */
    private void replace(String text) throws IOException {
        Path temporary = Files.createTempFile(directory, FILE, ".new", ownerOnly());
        try {
            Files.writeString(temporary, text + "\n");
            Files.move(temporary, file(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private FileAttribute<?>[] ownerOnly() {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString("rw-------");
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)};
    }
}
