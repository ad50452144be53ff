using System.Text.Json;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Json;
using HealthShare.Policy.Statements;

namespace HealthShare.Policy.Emergencies;

/// <summary>Reads the signed bytes of an emergency's declaration; anything that is not exactly one is refused.</summary>
public static class EmergencyReader
{
    private const string Root = "emergency";
    private const int CommitmentBytes = 32;

    /// <summary>Reads a declaration from the exact bytes that were signed.</summary>
    /// <exception cref="PolicyException">A code that begins with <c>statement.</c> or <c>json.</c>; the message names the member.</exception>
    public static EmergencyStatement Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > EmergencyStatement.MaxBytes)
            throw new PolicyException("statement.too_large",
                $"The declaration has {bytes.Length} bytes; at most {EmergencyStatement.MaxBytes} are accepted.");
        using var document = CanonicalJson.Parse(bytes);
        if (!CanonicalJson.Canonicalize(document.RootElement).AsSpan().SequenceEqual(bytes.Span))
            throw new PolicyException("statement.not_canonical", "The bytes are not their own canonical form (RFC 8785).");
        return Read(document.RootElement);
    }

    private static EmergencyStatement Read(JsonElement root)
    {
        var members = new MemberReader(root, Root, "v", "type", "channel", "id", "patient", "member", "role", "reason", "issued", "notAfter");
        var version = members.Required("v");
        if (version.ValueKind is not JsonValueKind.Number || !version.TryGetInt64(out var number) || number != EmergencyStatement.Version)
            throw new PolicyException("statement.version_unsupported", "The version is not understood.");
        members.Text("type", static text => text is Root);
        return new EmergencyStatement(
            members.Text("channel", StatementReader.IsChannel),
            members.Text("id", static text => LedgerId.IsValid(IdKind.Emergency, text)),
            members.Text("patient", static text => LedgerId.IsValid(IdKind.Patient, text)),
            members.Text("member", LedgerCode.IsMspId),
            members.Text("role", LedgerCode.IsCode),
            ReadReason(members.Required("reason"), members.At("reason")),
            members.Time("issued"),
            members.Time("notAfter"));
    }

    private static EmergencyReason ReadReason(JsonElement reason, string path)
    {
        var members = new MemberReader(reason, path, "code", "commitment");
        return new EmergencyReason(
            members.Text("code", static text => text is not null && EmergencyReason.Codes.Contains(text, StringComparer.Ordinal)),
            members.Text("commitment", static text => StrictBase64Url.IsValid(text, CommitmentBytes, CommitmentBytes)));
    }
}
