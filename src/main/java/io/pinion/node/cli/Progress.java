package io.pinion.node.cli;

import java.io.Console;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/** Counts what is read, on the line where the user looks, if there is one. */
final class Progress extends FilterInputStream {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Terminal terminal;
    private final String what;
    private final boolean isShown;
    private long bytes;
    private long shownNanos = System.nanoTime();
    private boolean hasShown;

    @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again where there is no terminal
    Progress(Terminal terminal, String what, InputStream in) {
        super(in);
        this.terminal = terminal;
        this.what = what;
        Console console = System.console();
        this.isShown = console != null && console.isTerminal();
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        count(value < 0 ? 0 : 1);
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = super.read(target, offset, length);
        count(Math.max(count, 0));
        return count;
    }

    private void count(int more) {
        bytes += more;
        long now = System.nanoTime();
        if (isShown && now - shownNanos > PAUSE_NANOS) {
            shownNanos = now;
            hasShown = true;
            terminal.err().print("\r" + BackupText.bytes(bytes) + " " + what + "  ");
            terminal.err().flush();
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        if (hasShown) {
            hasShown = false;
            terminal.note("");
        }
    }
}
