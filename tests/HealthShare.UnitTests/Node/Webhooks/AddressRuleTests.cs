using System.Net;
using HealthShare.Node.Webhooks;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Webhooks;

/// <summary>Which addresses webhooks may go to, as they are typed and as they are connected to.</summary>
public sealed class AddressRuleTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::10.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("::ffff:0:10.0.0.1")] // translated (SIIT)
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b:1::10.0.0.1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void What_is_not_public_is_not_connected_to_and_refused_as_it_is_typed(string address)
    {
        var rule = Rule();
        Assert.False(rule.Allows(IPAddress.Parse(address)));
        if (!address.Contains('%', StringComparison.Ordinal))
            Assert.NotNull(rule.FaultOf(address.Contains(':', StringComparison.Ordinal) ? $"https://[{address}]/hook" : $"https://{address}/hook"));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450::1")]
    public void What_is_public_is(string address) => Assert.True(Rule().Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.20.0.0/16", "https://10.20.1.1/hook", true)]
    [InlineData("10.20.0.0/16", "https://[::ffff:10.20.1.1]/hook", true)]
    [InlineData("10.20.0.0/16", "https://[64:ff9b::10.20.1.1]/hook", false)]
    [InlineData("10.20.0.0/16", "https://10.21.1.1/hook", false)]
    [InlineData("10.20.0.0/16", "http://10.20.1.1/hook", false)]
    [InlineData("fd00:1::/32", "https://[fd00:1::9]/hook", true)]
    [InlineData("127.0.0.0/8", "http://localhost:5000/hook", true)]
    [InlineData("127.0.0.0/8", "http://system.localhost/hook", true)]
    [InlineData("::1/128", "http://localhost:5000/hook", true)]
    [InlineData("0.0.0.0/0", "https://localhost/hook", true)]
    [InlineData("127.0.0.5/32", "https://localhost/hook", false)] // a name of this machine leads to 127.0.0.1 and ::1
    [InlineData("127.0.0.5/32", "https://127.0.0.5/hook", true)]
    [InlineData("127.0.0.5/32", "https://127.0.0.1/hook", false)]
    public void A_network_that_is_named_opens_itself_and_no_more(string network, string url, bool isGood) =>
        Assert.Equal(isGood, Rule(network).FaultOf(url) is null);

    [Theory]
    [InlineData("http://loopback/hook")] // no name of this machine by any standard
    [InlineData("http://system.north.example/hook")]
    [InlineData("https://127.0.0.1./hook")]
    [InlineData("https://0177.0.0.1/hook")]
    [InlineData("https://0x7f000001/hook")]
    [InlineData("https://127.1/hook")]
    [InlineData("https://LOCALHOST/hook")]
    [InlineData("https://system.north.example/a\nb")]
    [InlineData(" https://system.north.example/hook")]
    [InlineData("https://system.north.example/hook\u0085")]
    public void What_only_looks_like_a_public_address_is_refused_as_it_is_typed(string url) => Assert.NotNull(Rule().FaultOf(url));

    private static AddressRule Rule(params string[] networks)
    {
        var options = new WebhooksOptions();
        foreach (var network in networks)
            options.Networks.Add(network);
        return new AddressRule(Options.Create(options));
    }
}
