package io.pinion.testing;

import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Network namespaces of Linux on one bridge, each with an address of its own, in which processes are started; links between
 * them can be cut one way. Needs root and the program {@code ip}. Used by one thread.
 *
 * <pre>
 *   this process ── bridge NET.1 ─┬─ namespace 0, NET.10
 *                                 ├─ namespace 1, NET.11
 *                                 └─ namespace 2, NET.12
 * </pre>
 *
 * A link is cut by teaching the sender a wrong hardware address of the receiver: what it sends gets nowhere and it is told
 * nothing, as with a cable that is broken in one direction. That needs no module of the kernel beyond those of namespaces.
 */
public final class NetworkNamespaces implements AutoCloseable {
    private static final String NOBODY = "02:00:00:00:00:fe";
    private static final String DEVICE = "eth0";

    /** By process, so that two runs on one machine do not meet. */
    private static final String NAME = "pn" + ProcessHandle.current().pid();

    private static final String NET = "10.213." + ProcessHandle.current().pid() % 250 + ".";

    private final List<Cut> cuts = new ArrayList<>();
    private int count;

    private record Cut(int from, String toAddress) {}

    private NetworkNamespaces() {}

    /** Why none can be made here; empty if they can. */
    public static Optional<String> obstacle() {
        try (NetworkNamespaces _ = create(1)) {
            ip("netns", "exec", name(0), "true");
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(
                    "network namespaces cannot be made here (that needs root, and the program ip): " + e.getMessage());
        }
    }

    /** @throws IOException if that is not permitted here; with what was said */
    public static NetworkNamespaces create(int count) throws IOException {
        NetworkNamespaces created = new NetworkNamespaces();
        try {
            ip("link", "add", NAME, "type", "bridge");
            ip("address", "add", created.bridgeAddress() + "/24", "dev", NAME);
            ip("link", "set", NAME, "up");
            for (int i = 0; i < count; i++) {
                created.add(i);
            }
            return created;
        } catch (IOException e) {
            created.close();
            throw e;
        }
    }

    private void add(int index) throws IOException {
        ip("netns", "add", name(index));
        count++;
        String outside = link(index);
        ip("link", "add", outside, "type", "veth", "peer", "name", DEVICE, "netns", name(index));
        ip("link", "set", outside, "master", NAME, "up");
        ip("-n", name(index), "address", "add", address(index) + "/24", "dev", DEVICE);
        ip("-n", name(index), "link", "set", DEVICE, "up");
        ip("-n", name(index), "link", "set", "lo", "up");
    }

    /** The end of a namespace's link that is on the bridge. */
    private static String link(int index) {
        return NAME + "v" + index;
    }

    private static String name(int index) {
        return NAME + "-" + index;
    }

    /** Where this process and its servers are reached from the namespaces. */
    public String bridgeAddress() {
        return NET + 1;
    }

    public String address(int index) {
        return NET + (10 + index);
    }

    /** What goes before a command that is to run in a namespace; the command takes the place of the process. */
    public List<String> prefix(int index) {
        return List.of("ip", "netns", "exec", name(index));
    }

    /** What one namespace sends to another is lost from now on. */
    public void cut(int from, int to) throws IOException {
        cut(from, address(to));
    }

    /** What a namespace sends to this process and its servers is lost from now on. */
    public void cutFromBridge(int from) throws IOException {
        cut(from, bridgeAddress());
    }

    private void cut(int from, String toAddress) throws IOException {
        ip("-n", name(from), "neighbour", "replace", toAddress, "lladdr", NOBODY, "dev", DEVICE, "nud", "permanent");
        cuts.add(new Cut(from, toAddress));
    }

    /** All links are whole again. */
    public void heal() throws IOException {
        for (Cut cut : cuts.stream().distinct().toList()) {
            ip("-n", name(cut.from()), "neighbour", "delete", cut.toAddress(), "dev", DEVICE);
        }
        cuts.clear();
    }

    private static void ip(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int exitCode = process.onExit().orTimeout(30, TimeUnit.SECONDS).join().exitValue();
        if (exitCode != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + exitCode + ": " + said);
        }
    }

    /** Removes everything that was made; what runs in the namespaces has ended before. */
    @Override
    public void close() throws IOException {
        for (; count > 0; count--) {
            // A namespace's own links go some time after it.
            remove(link(count - 1));
            ip("netns", "delete", name(count - 1));
        }
        remove(NAME);
    }

    private static void remove(String link) throws IOException {
        if (NetworkInterface.getByName(link) != null) {
            ip("link", "delete", link);
        }
    }
}
