package io.pinion.actors.procedure;

import io.pinion.store.value.Bytes;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Addresses that begin alike. Immutable. */
record AddressRange(Bytes network, int bits) {
    /**
     * @param text an address and a number of bits, as in {@code 10.0.0.0/8}
     * @throws IllegalArgumentException if it is none
     */
    static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        try {
            if (slash > 0 && text.substring(0, slash).matches("[0-9a-fA-F.:]+")) {
                byte[] address = InetAddress.getByName(text.substring(0, slash)).getAddress();
                int bits = Integer.parseInt(text.substring(slash + 1));
                if (bits >= 0 && bits <= address.length * Byte.SIZE) {
                    return new AddressRange(Bytes.wrap(address), bits);
                }
            }
        } catch (UnknownHostException | NumberFormatException e) {
            throw new IllegalArgumentException(text + " is no range of addresses such as 10.0.0.0/8", e);
        }
        throw new IllegalArgumentException(text + " is no range of addresses such as 10.0.0.0/8");
    }

    boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != network.length()) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> bit % Byte.SIZE;
            if (((bytes[bit / Byte.SIZE] ^ network.at(bit / Byte.SIZE)) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
