using System.Security.Cryptography;
using System.Text;
using HealthShare.Vault;
using HealthShare.Vault.Sealing;

namespace HealthShare.UnitTests.Vault;

public sealed class KeyEnvelopeTests : IDisposable
{
    private readonly SealingKeyPair south = SealingKeyPair.Create();
    private readonly byte[] info = Encoding.UTF8.GetBytes("""{"accessId":"ac-1","v":1}""");
    private readonly EnvelopeKey[] keys =
        [new("rc-1", RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(16)),
         new("rc-2", RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(16))];

    public void Dispose() => south.Dispose();

    [Fact]
    public void The_member_it_is_sealed_for_opens_it()
    {
        var envelope = KeyEnvelope.Seal(keys, SealingPublicKey.Parse(south.Public.ToString()), info);
        Assert.Equal(south.Public.KeyId, KeyEnvelope.KeyIdOf(envelope));
        using var restored = SealingKeyPair.Import(south.ExportPrivate());
        Assert.Equivalent(keys, KeyEnvelope.Open(envelope, restored, info), strict: true);
    }

    [Fact]
    public void It_does_not_open_under_another_release() => AssertRefused("envelope.not_authentic",
        () => KeyEnvelope.Open(KeyEnvelope.Seal(keys, south.Public, info), south, Encoding.UTF8.GetBytes("""{"accessId":"ac-2","v":1}""")));

    [Fact]
    public void Another_member_does_not_open_it()
    {
        using var east = SealingKeyPair.Create();
        var envelope = KeyEnvelope.Seal(keys, south.Public, info);
        AssertRefused("envelope.other_key", () => KeyEnvelope.Open(envelope, east, info));
        var renamed = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(envelope).Replace(south.Public.KeyId, east.Public.KeyId, StringComparison.Ordinal));
        AssertRefused("envelope.not_authentic", () => KeyEnvelope.Open(renamed, east, info));
    }

    [Fact]
    public void Any_changed_byte_is_refused()
    {
        var envelope = KeyEnvelope.Seal(keys[..1], south.Public, info);
        for (var at = 0; at < envelope.Length; at++)
        {
            var forged = (byte[])envelope.Clone();
            forged[at] ^= 1;
            Assert.Throws<VaultException>(() => KeyEnvelope.Open(forged, south, info));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"v":1}""")]
    [InlineData("""{"v":2,"keyId":"sk-a","enc":"","ciphertext":""}""")]
    [InlineData("""{"v":1,"keyId":"sk-a","enc":"***","ciphertext":""}""")]
    [InlineData("""{"v":1,"keyId":null,"enc":"","ciphertext":""}""")]
    [InlineData("""{"v":1,"keyId":"sk-a","keyId":"sk-b","enc":"","ciphertext":""}""")]
    [InlineData("""{"v":1,"keyId":"sk-a","enc":"","ciphertext":"","more":1}""")]
    public void What_is_no_envelope_is_refused(string text) =>
        AssertRefused("envelope.malformed", () => KeyEnvelope.Open(Encoding.UTF8.GetBytes(text), south, info));

    [Theory]
    [InlineData("{\"v\":1,\"keys\":[]}")]
    [InlineData("{\"v\":1,\"keys\":[null]}")]
    [InlineData("{\"v\":1,\"keys\":[{\"record\":\"rc-1\",\"key\":\"AA\",\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\"}]}")]
    [InlineData("not json")]
    public void Content_of_another_form_is_refused_though_it_is_well_sealed(string content)
    {
        var (encapsulated, context) = Hpke.SetupSender(south.Public.Point, info);
        using var _ = context;
        var wire = new EnvelopeWire(1, south.Public.KeyId, encapsulated, context.Seal([], Encoding.UTF8.GetBytes(content)));
        var envelope = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(wire, EnvelopeJson.Default.EnvelopeWire);
        AssertRefused("envelope.malformed", () => KeyEnvelope.Open(envelope, south, info));
    }

    [Fact]
    public void A_huge_envelope_is_refused_unread() =>
        AssertRefused("envelope.malformed", () => KeyEnvelope.Open(new byte[KeyEnvelope.MaxSize + 1], south, info));

    [Fact]
    public void The_largest_envelope_fits()
    {
        var many = Enumerable.Range(0, KeyEnvelope.MaxKeys).Select(i => keys[0] with { Record = $"rc-{i:D26}" }).ToArray();
        Assert.Equal(many.Length, KeyEnvelope.Open(KeyEnvelope.Seal(many, south.Public, info), south, info).Count);
        Assert.Throws<ArgumentException>(() => KeyEnvelope.Seal([.. many, keys[0]], south.Public, info));
        Assert.Throws<ArgumentException>(() => KeyEnvelope.Seal([], south.Public, info));
    }

    [Fact]
    public void A_key_never_shows_in_text() => Assert.Equal("key of rc-1", $"{keys[0]}");

    private static void AssertRefused(string code, Action action) => Assert.Equal(code, Assert.Throws<VaultException>(action).Code);
}
