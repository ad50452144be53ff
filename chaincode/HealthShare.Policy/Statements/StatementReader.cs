using System.Buffers.Text;
using System.Text.Json;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Json;

namespace HealthShare.Policy.Statements;

/// <summary>Reads the signed bytes of a statement; anything that is not exactly a statement is refused.</summary>
public static class StatementReader
{
    private const string Root = "statement";

    /// <summary>The bytes that stand in base64url.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxBytes">Most bytes that are accepted.</param>
    /// <param name="what">What it is, for people, such as <c>The statement</c>.</param>
    /// <exception cref="PolicyException"><c>statement.too_large</c> or <c>statement.encoding_invalid</c>.</exception>
    public static byte[] Decode(string text, int maxBytes, string what)
    {
        if (StrictBase64Url.TryDecode(text, maxBytes, out var bytes))
            return bytes;
        // Told by its length alone: what is too large is not read.
        throw Base64Url.GetMaxDecodedLength(text.Length) > maxBytes
            ? new PolicyException("statement.too_large", $"{what} has more than {maxBytes} bytes, which are accepted at most.")
            : new PolicyException("statement.encoding_invalid", $"{what} is not base64url.");
    }

    /// <summary>Reads a statement from the exact bytes that were signed.</summary>
    /// <exception cref="PolicyException">
    /// A code that begins with <c>statement.</c> or <c>json.</c>; the message names the member.
    /// </exception>
    public static Statement Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > Statement.MaxBytes)
            throw new PolicyException("statement.too_large",
                $"The statement has {bytes.Length} bytes; at most {Statement.MaxBytes} are accepted.");
        using var document = Parse(bytes);
        if (!CanonicalJson.Canonicalize(document.RootElement).AsSpan().SequenceEqual(bytes.Span))
            throw new PolicyException("statement.not_canonical", "The bytes are not their own canonical form (RFC 8785).");
        return Read(document.RootElement);
    }

    /// <summary>Reads a grant's body from its exact canonical bytes.</summary>
    /// <inheritdoc cref="Read(ReadOnlyMemory{byte})" path="/exception"/>
    public static GrantBody ReadGrant(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > Statement.MaxBytes)
            throw new PolicyException("statement.too_large",
                $"The body has {bytes.Length} bytes; at most {Statement.MaxBytes} are accepted.");
        using var document = Parse(bytes);
        if (!CanonicalJson.Canonicalize(document.RootElement).AsSpan().SequenceEqual(bytes.Span))
            throw new PolicyException("statement.not_canonical", "The bytes are not their own canonical form (RFC 8785).");
        return GrantReader.Read(document.RootElement, "body");
    }

    // One code for what nests too deep, however much too deep it is.
    private static JsonDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        try { return CanonicalJson.Parse(bytes); }
        catch (PolicyException e) when (e.Code == "json.too_deep") { throw new PolicyException("statement.too_deep", e.Message, e); }
    }

    private static Statement Read(JsonElement root)
    {
        var members = new MemberReader(root, Root, "v", "type", "channel", "id", "patient", "signer", "issued", "body");
        var version = members.Required("v");
        if (version.ValueKind is not JsonValueKind.Number || !version.TryGetInt64(out var number))
            throw MemberReader.Malformed(members.At("v"), "is not a number");
        if (number != Statement.Version)
            throw new PolicyException("statement.version_unsupported", $"Version {number} is not understood.");
        var type = members.Text("type", static text => text is not null);
        var channel = members.Text("channel", IsChannel);
        var id = members.Text("id", static text => LedgerId.IsValid(IdKind.Statement, text));
        var patient = members.Text("patient", static text => LedgerId.IsValid(IdKind.Patient, text));
        var signer = ReadSigner(members.Required("signer"), members.At("signer"));
        var issued = members.Time("issued");
        var body = ReadBody(type, members.Required("body"), members.At("body"));
        return new Statement(channel, id, patient, signer, issued, body);
    }

    private static StatementSigner ReadSigner(JsonElement signer, string path)
    {
        var members = new MemberReader(signer, path, "credential", "delegate");
        return new StatementSigner(members.Text("credential", LedgerCode.IsCredentialId),
            members.OptionalText("delegate", DelegateReader.IsDelegate));
    }

    private static StatementBody ReadBody(string type, JsonElement body, string path)
    {
        switch (type)
        {
            case "grant":
                return GrantReader.Read(body, path);
            case "revoke":
                var revoke = new MemberReader(body, path, "statement");
                return new RevokeBody(revoke.Text("statement", static text => LedgerId.IsValid(IdKind.Statement, text)));
            case "link":
                return new LinkBody(new MemberReader(body, path, "member").Text("member", LedgerCode.IsMspId));
            case "addCredential":
                return CredentialReader.ReadAddition(body, path);
            case "revokeCredential":
                return CredentialReader.ReadRevocation(body, path);
            case "appointDelegate":
                return DelegateReader.ReadAppointment(body, path);
            case "revokeDelegate":
                return DelegateReader.ReadRevocation(body, path);
            case "confirm":
                return DelegateReader.ReadConfirmation(body, path);
            case "erase":
                _ = new MemberReader(body, path);
                return new EraseBody();
            default:
                throw MemberReader.Malformed($"{Root}.type", "is none of the types of statements");
        }
    }

    // Fabric's own rule for channel names.
    internal static bool IsChannel(string? text) => text is { Length: >= 1 and <= 249 } && char.IsAsciiLetterLower(text[0])
        && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-');
}
