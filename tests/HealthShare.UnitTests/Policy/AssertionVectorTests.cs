using System.Buffers.Text;
using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.WebAuthn;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Policy;

/// <summary>
/// Assertions of the software authenticator, valid and broken, each with the code that refuses it. tests/conformance holds the same
/// file against an independent verifier.
/// </summary>
public sealed class AssertionVectorTests
{
    private static readonly JsonElement Vectors = JsonDocument.Parse(File.ReadAllBytes(
        Path.Combine(SharedData.RepositoryRoot, "tests", "conformance", "webauthn-vectors.json"))).RootElement;

    public static TheoryData<string> Names => [.. Vectors.GetProperty("cases").EnumerateArray().Select(one => one.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_assertion_is_accepted_or_refused_with_its_code(string name)
    {
        var one = Vectors.GetProperty("cases").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);
        var credential = new PinnedCredential(TextOf(Vectors, "credential"), Es256PublicKey.FromCose(BytesOf(Vectors, "publicKey")),
            TextOf(Vectors, "rpId"), [TextOf(Vectors, "origin")]);
        var assertion = new Assertion(TextOf(one, "id"), BytesOf(one, "authenticatorData"), BytesOf(one, "clientDataJSON"), BytesOf(one, "signature"));
        var refusal = Record.Exception(() => AssertionVerifier.Verify(assertion, credential, BytesOf(one, "statement")));
        Assert.Equal(one.GetProperty("code").GetString(), refusal is null ? null : Assert.IsType<PolicyException>(refusal).Code);
    }

    private static string TextOf(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static byte[] BytesOf(JsonElement element, string name) => Base64Url.DecodeFromChars(TextOf(element, name));
}
