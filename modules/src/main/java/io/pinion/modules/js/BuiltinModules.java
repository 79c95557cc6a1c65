package io.pinion.modules.js;

import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessMode;
import java.nio.file.DirectoryStream;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.graalvm.polyglot.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * All that a guest can import: {@code spacetime:sys@…} and {@code pinion:module@1}, as files that exist in memory alone.
 * Nothing else exists, so a guest has no way to a real file. One per context; remembers the first name it refused, since
 * the engine's own error does not always carry it.
 */
final class BuiltinModules implements FileSystem {
    static final String GUEST_LIBRARY = "pinion:module@1";

    private static final String ROOT = "/";
    private static final byte[] GUEST_LIBRARY_TEXT = Resources.bytes("/io/pinion/guest/js/module.js");

    /** Keccak-256 of the library's text. */
    static final Bytes GUEST_LIBRARY_HASH = Hashes.keccak256(Bytes.wrap(GUEST_LIBRARY_TEXT));

    private @Nullable String refusal;
    private boolean hasServedGuestLibrary;

    /** Why the first import that could not be served was refused. */
    Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Whether the guest library was imported. */
    boolean hasServedGuestLibrary() {
        return hasServedGuestLibrary;
    }

    @Override
    public Path parsePath(URI uri) {
        return served(uri.toString());
    }

    @Override
    public Path parsePath(String path) {
        return served(path.startsWith(ROOT) ? path.substring(ROOT.length()) : path);
    }

    private Path served(String specifier) {
        if (text(specifier).isEmpty()) {
            String reason = reason(specifier);
            // The engine itself asks for the empty path, which is no import.
            if (refusal == null && !specifier.isEmpty()) {
                refusal = reason;
            }
            throw new IllegalArgumentException(reason);
        }
        hasServedGuestLibrary |= specifier.equals(GUEST_LIBRARY);
        return Path.of(ROOT + specifier);
    }

    private static Optional<byte[]> text(String specifier) {
        if (specifier.equals(GUEST_LIBRARY)) {
            return Optional.of(GUEST_LIBRARY_TEXT);
        }
        return SysVersion.ofSpecifier(specifier)
                .map(version -> version.moduleText().getBytes(StandardCharsets.UTF_8));
    }

    private static String reason(String specifier) {
        if (specifier.startsWith(SysVersion.PREFIX)) {
            String version = specifier.substring(SysVersion.PREFIX.length());
            return version.matches("\\d{1,5}\\.\\d{1,5}")
                    ? "this host has no version " + version + " of spacetime:sys: it has 1.0 to 1.3, 2.0 and 2.1"
                    : "\"" + specifier + "\" names no version: it has to be spacetime:sys@MAJOR.MINOR";
        }
        if (specifier.startsWith("pinion:")) {
            return "this host has no module \"" + specifier + "\": it has " + GUEST_LIBRARY;
        }
        return "cannot import \"" + specifier + "\": a module is one file that imports only spacetime:sys@… and "
                + GUEST_LIBRARY + " (bundle everything else into it)";
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        String specifier = path.toString().substring(ROOT.length());
        return new ReadOnlyChannel(text(specifier).orElseThrow(() -> new NoSuchFileException(specifier)));
    }

    @Override
    public void checkAccess(Path path, Set<? extends AccessMode> modes, LinkOption... linkOptions) throws IOException {
        if (modes.contains(AccessMode.WRITE)
                || text(path.toString().substring(ROOT.length())).isEmpty()) {
            throw new NoSuchFileException(path.toString());
        }
    }

    @Override
    public Path toAbsolutePath(Path path) {
        return path.isAbsolute() ? path : Path.of(ROOT).resolve(path);
    }

    @Override
    public Path toRealPath(Path path, LinkOption... linkOptions) {
        return toAbsolutePath(path);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        throw new NoSuchFileException(path.toString());
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        throw new NoSuchFileException(directory.toString());
    }

    @Override
    public void delete(Path path) throws IOException {
        throw new NoSuchFileException(path.toString());
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        throw new NoSuchFileException(directory.toString());
    }

    private static final class ReadOnlyChannel implements SeekableByteChannel {
        private final byte[] bytes;
        private int position;
        private boolean open = true;

        ReadOnlyChannel(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read(ByteBuffer target) {
            int count = Math.min(target.remaining(), bytes.length - position);
            if (count <= 0) {
                return bytes.length == position ? -1 : 0;
            }
            target.put(bytes, position, count);
            position += count;
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            throw new NonWritableChannelException();
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public SeekableByteChannel position(long newPosition) {
            position = (int) Math.min(newPosition, bytes.length);
            return this;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public SeekableByteChannel truncate(long size) {
            throw new NonWritableChannelException();
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }
}
