package io.pinion.actors.procedure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRuleTest {
    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.255.255.255",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.0.1",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "192.31.196.1",
                "192.52.193.1",
                "192.88.99.1",
                "192.168.1.1",
                "192.175.48.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::7f00:1",
                "64:ff9b::a00:1",
                "64:ff9b:1::1",
                "100::1",
                "100:0:0:1::1",
                "2001::1",
                "2001:1ff:ffff::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "2620:4f:8000::1",
                "3fff::1",
                "5f00::1",
                "fc00::1",
                "fdff::1",
                "fe80::1",
                "febf::1",
                "fec0::1",
                "ff02::1"
            })
    void privateAndSpecialAddressesAreNotConnectedTo(String special) {
        assertFalse(AddressRule.of(List.of()).allows(address(special)), special);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.1",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2001:200::1",
                "2606:4700::1111",
                "2a00::1",
                "64:ff9c::1"
            })
    void allOthersAre(String usual) {
        assertTrue(AddressRule.of(List.of()).allows(address(usual)), usual);
    }

    @Test
    void aRangeThatIsAllowedIsConnectedToAndItsNeighbourIsNot() {
        AddressRule rule = AddressRule.of(List.of("10.1.0.0/16", "::1/128"));

        assertTrue(rule.allows(address("10.1.255.255")));
        assertFalse(rule.allows(address("10.2.0.0")));
        assertTrue(rule.allows(address("::1")));
        assertFalse(rule.allows(address("::2")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "localhost/8", "10.0.0.0/a", "/8", "::1/129"})
    void whatIsNoRangeIsNamed(String text) {
        IllegalArgumentException problem =
                assertThrows(IllegalArgumentException.class, () -> AddressRule.of(List.of(text)));

        assertEquals(text + " is no range of addresses such as 10.0.0.0/8", problem.getMessage());
    }

    @Test
    void hostsAreAllowedByNameBelowADomainOrAll() {
        HostRule some = HostRule.of(List.of("api.example.com", "*.Example.org"));

        assertTrue(some.allows("API.example.com"));
        assertTrue(some.allows("api.example.com."));
        assertTrue(some.allows("a.b.example.org"));
        assertFalse(some.allows("example.org"));
        assertFalse(some.allows("evil-example.org"));
        assertFalse(some.allows("example.com"));
        assertTrue(HostRule.of(List.of("*")).allows("10.0.0.1"));
        assertFalse(HostRule.of(List.of()).allows("example.com"));
    }
}
