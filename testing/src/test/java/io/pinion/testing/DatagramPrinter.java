package io.pinion.testing;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;

/** Prints the text of every datagram that comes to its port, a line each; a process of its own. */
final class DatagramPrinter {
    static final int PORT = 9000;
    static final String READY = "ready";

    private DatagramPrinter() {}

    public static void main(String[] arguments) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(PORT)) {
            System.out.println(READY);
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            while (true) {
                socket.receive(packet);
                System.out.println(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8));
            }
        }
    }
}
