package io.pinion.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Clients in a process of their own, so that what they cost is not taken for the node's. What the process is told stands in
 * its arguments: kind of load, port, name of the database, token, seconds to warm up, seconds to measure, then numbers
 * for the load. What it says are lines:
 *
 * <pre>
 *   measuring            the measured time begins
 *   measured             it has ended
 *   NAME VALUE           one for each figure
 *   end                  more may follow, from "measuring" on
 * </pre>
 */
public final class WsDriver {
    static final String MEASURING = "measuring";
    static final String MEASURED = "measured";
    static final String END = "end";
    private static final int NUMBERS = 6;

    private WsDriver() {}

    /** What clients do. Used by one thread. */
    interface Load {
        /** Makes ready for the time after, for this number of calls at once. */
        void prepare(WsLinks links) throws IOException;

        /** Goes on until the time. */
        void run(WsLinks links, long untilNanos) throws IOException;

        /** Forgets what was measured until now. */
        void reset();

        /** What was measured. */
        Map<String, Double> figures();
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        int port = Integer.parseInt(arguments[1]);
        double warmupSeconds = Double.parseDouble(arguments[4]);
        double seconds = Double.parseDouble(arguments[5]);
        List<Integer> numbers =
                Arrays.stream(arguments).skip(NUMBERS).map(Integer::parseInt).toList();
        try (WsLinks links = new WsLinks(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), arguments[2], arguments[3])) {
            Load load = load(arguments[0], numbers);
            load.prepare(links);
            run(load, links, warmupSeconds);
            load.reset();
            long bytesBefore = links.bytesReceived();
            long begin = System.nanoTime();
            out.println(MEASURING);
            run(load, links, seconds);
            out.println(MEASURED);
            out.println("seconds " + (System.nanoTime() - begin) / 1e9);
            out.println("bytes " + (links.bytesReceived() - bytesBefore));
            load.figures().forEach((name, value) -> out.println(name + " " + value));
            out.println(END);
        }
    }

    private static void run(Load load, WsLinks links, double seconds) throws IOException {
        load.run(links, System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1)));
    }

    private static Load load(String kind, List<Integer> numbers) {
        return switch (kind) {
            case CallLoad.KIND -> new CallLoad(numbers.get(0), numbers.get(1), numbers.get(2));
            case FanoutLoad.KIND ->
                new FanoutLoad(FanoutLoad.Queries.of(numbers.get(0)), numbers.get(1), numbers.get(2));
            case IdleLoad.KIND -> new IdleLoad(numbers.get(0));
            default -> throw new IllegalArgumentException("there is no load " + kind);
        };
    }
}
