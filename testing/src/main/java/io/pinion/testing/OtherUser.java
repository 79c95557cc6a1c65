package io.pinion.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.Optional;

/** A user without rights, for programs that refuse to run as root. */
record OtherUser(String name) {
    private static final List<String> CANDIDATES = List.of("postgres", "nobody");

    /** The user to run as; empty where this process is not root and runs them itself. */
    static Optional<OtherUser> ifRoot() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.empty();
        }
        return Optional.of(CANDIDATES.stream()
                .filter(OtherUser::exists)
                .findFirst()
                .map(OtherUser::new)
                .orElseThrow(() -> new IllegalStateException("there is none of the users " + CANDIDATES)));
    }

    private static boolean exists(String name) {
        try {
            find(name);
            return true;
        } catch (UserPrincipalNotFoundException _) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static UserPrincipal find(String name) throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
    }

    void giveFolder(Path folder) {
        try {
            Files.setOwner(folder, find(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What goes before a command; the command takes the place of the process. */
    List<String> prefix() {
        return List.of("setpriv", "--reuid=" + name, "--regid=" + group(), "--clear-groups");
    }

    /** By number: a user need not have a group of its own name. */
    private String group() {
        try {
            Process process = new ProcessBuilder("id", "-g", name).start();
            return new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII)
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
