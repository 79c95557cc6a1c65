package io.pinion.actors.procedure;

import io.pinion.actors.settings.ConfigReader;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses may be connected to: none that is private or special, unless it is allowed by name. IPv4 addresses inside
 * IPv6 count as what they are. Immutable.
 */
public final class AddressRule {
    private static final List<AddressRange> SPECIAL = Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.31.196.0/24",
                    "192.52.193.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "192.175.48.0/24",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/4",
                    "240.0.0.0/4",
                    "::/96",
                    "64:ff9b::/96",
                    "64:ff9b:1::/48",
                    "100::/64",
                    "100:0:0:1::/64",
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "2620:4f:8000::/48",
                    "3fff::/20",
                    "5f00::/16",
                    "fc00::/7",
                    "fe80::/10",
                    "fec0::/10",
                    "ff00::/8")
            .map(AddressRange::parse)
            .toList();

    private final List<AddressRange> allowed;

    private AddressRule(List<AddressRange> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    /**
     * @param allowed special ranges that may be connected to all the same, as in {@code 127.0.0.0/8}
     * @throws IllegalArgumentException that names one that is no range
     */
    public static AddressRule of(List<String> allowed) {
        return new AddressRule(allowed.stream().map(AddressRange::parse).toList());
    }

    static AddressRule of(ConfigReader http) {
        return new AddressRule(http.each("allow-addresses", AddressRange::parse));
    }

    boolean allows(InetAddress address) {
        return SPECIAL.stream().noneMatch(range -> range.contains(address))
                || allowed.stream().anyMatch(range -> range.contains(address));
    }
}
