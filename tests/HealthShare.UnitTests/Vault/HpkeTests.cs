using System.Security.Cryptography;
using System.Text;
using HealthShare.Vault;
using HealthShare.Vault.Sealing;

namespace HealthShare.UnitTests.Vault;

/// <summary>RFC 9180's published vector for mode base, KEM 0x0010, KDF 0x0001, AEAD 0x0002.</summary>
public sealed class HpkeTests
{
    private static readonly byte[] Info = Convert.FromHexString("4f6465206f6e2061204772656369616e2055726e");
    private static readonly byte[] KeyingRecipient = Convert.FromHexString("a0ce15d49e28bd47a18a97e147582d814b08cbe00109fed5ec27d1b4e9f6f5e3");
    private static readonly byte[] KeyingEphemeral = Convert.FromHexString("a90d3417c3da9cb6c6ae19b4b5dd6cc9529a4cc24efb7ae0ace1f31887a8cd6c");
    private static readonly byte[] SecretRecipient = Convert.FromHexString("317f915db7bc629c48fe765587897e01e282d3e8445f79f27f65d031a88082b2");
    private static readonly byte[] SecretEphemeral = Convert.FromHexString("90345e3a1d116c1dd39ae76d95ab858c142223a63e44f8f85318cfa91a84858e");
    private static readonly byte[] PublicRecipient = Convert.FromHexString(
        "04abc7e49a4c6b3566d77d0304addc6ed0e98512ffccf505e6a8e3eb25c685136f853148544876de76c0f2ef99cdc3a05ccf5ded7860c7c021238f9e2073d2356c");
    private static readonly byte[] Encapsulated = Convert.FromHexString(
        "04c06b4f6bebc7bb495cb797ab753f911aff80aefb86fd8b6fcc35525f3ab5f03e0b21bd31a86c6048af3cb2d98e0d3bf01da5cc4c39ff5370d331a4f1f7d5a4e0");
    private static readonly byte[] Plaintext = Encoding.ASCII.GetBytes("Beauty is truth, truth beauty");

    private static readonly Dictionary<int, string> Ciphertexts = new()
    {
        [0] = "58c61a45059d0c5704560e9d88b564a8b63f1364b8d1fcb3c4c6ddc1d291742465e902cd216f8908da49f8f96f",
        [1] = "b4e7c90d1dd62cb563694956eb517ab55d5e7d1f6366a0066c04ababaa444dbaf60a30d7bb7d3e91b969762dee",
        [2] = "65463cc0e5fd16e1650a55fb37d5b6fe6e5ac5b6f6e8c2640cfb0fcd528dc37bc0963b5c53d6238c42d447ddf4",
        [3] = "2e68d23899ad26f5b2a427b558b764978f36ee5a77ff5d9e41b53c9ed92e68e5432fbbd802426118fb33679597",
        [4] = "8537ff19240d613badd398dbeedf0338ca9f549bad6775ae8c3a672666057f6709e0931155cd1cae7071c6fd27",
        [255] = "2bcdb6aa31cf9b85855aa22c18ee7feb783b26d5f8fae4554a409845810bdac0fc06bdce6c60a37efb45a106eb",
        [256] = "fcc4c798b73d45d4a241f4d05886befed63b8bdf0252454072c9f6170f6e262f2738cf2ea290053b2181ad46d6",
    };

    [Fact]
    public void Key_pairs_are_derived_as_in_the_vector()
    {
        Assert.Equal(SecretRecipient, Hpke.DeriveScalar(KeyingRecipient));
        Assert.Equal(SecretEphemeral, Hpke.DeriveScalar(KeyingEphemeral));
        using var recipient = SealingKeyPair.Import(SecretRecipient);
        Assert.Equal(PublicRecipient, recipient.Public.Point.ToArray());
        Assert.Equal(SecretRecipient, recipient.ExportPrivate());
    }

    [Fact]
    public void The_sender_gives_the_vectors_ciphertexts()
    {
        using var ephemeral = P256Point.ImportScalar(SecretEphemeral);
        var (encapsulated, context) = Hpke.SetupSender(ephemeral, PublicRecipient, Info);
        using var _ = context;
        Assert.Equal(Encapsulated, encapsulated);
        for (var i = 0; i <= 256; i++)
        {
            var ciphertext = context.Seal(Encoding.ASCII.GetBytes($"Count-{i}"), Plaintext);
            if (Ciphertexts.TryGetValue(i, out var expected))
                Assert.Equal(expected, Convert.ToHexStringLower(ciphertext));
        }
    }

    [Fact]
    public void The_recipient_opens_the_vectors_ciphertexts()
    {
        using var recipient = P256Point.ImportScalar(SecretRecipient);
        using var context = Hpke.SetupRecipient(recipient, Encapsulated, Info);
        for (var i = 0; i <= 4; i++)
            Assert.Equal(Plaintext, context.Open(Encoding.ASCII.GetBytes($"Count-{i}"), Convert.FromHexString(Ciphertexts[i])));
    }

    [Fact]
    public void A_refused_message_does_not_move_the_sequence()
    {
        using var recipient = P256Point.ImportScalar(SecretRecipient);
        using var context = Hpke.SetupRecipient(recipient, Encapsulated, Info);
        var refusal = Assert.Throws<VaultException>(() => context.Open("Count-1"u8, Convert.FromHexString(Ciphertexts[0])));
        Assert.Equal("envelope.not_authentic", refusal.Code);
        Assert.Throws<VaultException>(() => context.Open("Count-0"u8, new byte[15]));
        Assert.Equal(Plaintext, context.Open("Count-0"u8, Convert.FromHexString(Ciphertexts[0])));
    }

    public static TheoryData<string, byte[]> InvalidPoints()
    {
        var off = (byte[])PublicRecipient.Clone();
        off[64] ^= 1;
        var field = Convert.FromHexString("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
        return new()
        {
            { "off the curve", off },
            { "zero", [4, .. new byte[64]] },
            { "infinity", [0] },
            { "compressed", [2, .. PublicRecipient[1..33]] },
            { "hybrid", [6, .. PublicRecipient[1..]] },
            { "short", PublicRecipient[..64] },
            { "long", [.. PublicRecipient, 0] },
            { "coordinate equal to the prime", [4, .. field, .. PublicRecipient[33..]] },
            { "empty", [] },
        };
    }

    [Theory]
    [MemberData(nameof(InvalidPoints))]
    public void A_point_that_is_not_on_the_curve_in_the_one_form_is_refused(string what, byte[] point)
    {
        Assert.False(P256Point.IsValid(point), what);
        Assert.Equal("sealing_key.invalid", Assert.Throws<VaultException>(() => SealingPublicKey.FromPoint(point)).Code);
        using var recipient = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal("envelope.invalid_point", Assert.Throws<VaultException>(() => Hpke.SetupRecipient(recipient, point, Info)).Code);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")] // the group's order
    [InlineData("01")]
    public void A_private_key_out_of_range_is_refused(string scalar) => Assert.Equal("sealing_key.invalid",
        Assert.Throws<VaultException>(() => SealingKeyPair.Import(Convert.FromHexString(scalar))).Code);
}
