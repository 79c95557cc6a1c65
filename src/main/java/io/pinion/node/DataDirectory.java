package io.pinion.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where a node keeps what is its own. Locked while it is open: one node at a time, also across processes. */
final class DataDirectory implements AutoCloseable {
    private static final String LOCK_FILE = "node.lock";

    private final Path path;
    private final FileChannel lockChannel;

    private DataDirectory(Path path, FileChannel lockChannel) {
        this.path = path;
        this.lockChannel = lockChannel;
    }

    /** @throws NodeStartException if it cannot be made, or another node has it */
    static DataDirectory open(Path path) throws NodeStartException {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            Files.createDirectories(absolute);
            FileChannel channel =
                    FileChannel.open(absolute.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw new NodeStartException("the data directory " + absolute
                        + " is in use by another node: stop that one, or choose another directory with --data");
            }
            return new DataDirectory(absolute, channel);
        } catch (IOException e) {
            throw new NodeStartException("cannot use the data directory " + absolute + ": " + e, e);
        }
    }

    /** Null when somebody has the lock, in this process or another. The lock goes with its channel. */
    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    /** Absolute. */
    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }
}
