using System.Globalization;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;

namespace HealthShare.Fabric.Protocol.Policies;

/// <summary>
/// Reads a signature policy's text: gates <c>AND</c>, <c>OR</c> and <c>OutOf(n, …)</c> over principals such as
/// <c>'Org1MSP.peer'</c> (roles member, admin, client, peer, orderer), nested at will.
/// </summary>
public static class SignaturePolicyParser
{
    private const int DeepestNesting = 64;
    private const int LongestText = 64 * 1024;

    private static readonly Dictionary<string, MSPRole.Types.MSPRoleType> Roles = new(StringComparer.Ordinal)
    {
        ["member"] = MSPRole.Types.MSPRoleType.Member,
        ["admin"] = MSPRole.Types.MSPRoleType.Admin,
        ["client"] = MSPRole.Types.MSPRoleType.Client,
        ["peer"] = MSPRole.Types.MSPRoleType.Peer,
        ["orderer"] = MSPRole.Types.MSPRoleType.Orderer,
    };

    /// <summary>Turns the text into the message that Fabric's own tools make of it, byte for byte.</summary>
    /// <param name="text">A policy of at most 65,536 characters, such as <c>OutOf(2, 'Org1MSP.peer', 'Org2MSP.peer')</c>.</param>
    /// <exception cref="FabricDataException">The text does not parse; the message names the position.</exception>
    public static SignaturePolicyEnvelope Parse(string text)
    {
        if (text.Length > LongestText)
            throw new FabricDataException($"The policy is {text.Length} characters long; at most {LongestText} are read.");
        var reader = new Reader(text);
        var gate = reader.ReadGate(0);
        reader.ExpectEnd();
        var envelope = new SignaturePolicyEnvelope { Version = 0 };
        envelope.Rule = Number(gate, envelope);
        return envelope;
    }

    /// <summary>
    /// Numbers the principals from the inside out, as Fabric's tools do: their expression reader works a gate's inner gates
    /// off before the gate itself, and repeats principals rather than sharing them.
    /// </summary>
    private static SignaturePolicy Number(Gate gate, SignaturePolicyEnvelope envelope)
    {
        var inner = gate.Rules.Select(rule => rule is Gate nested ? Number(nested, envelope) : null).ToArray();
        var rules = gate.Rules.Select((rule, i) =>
        {
            if (rule is not Principal principal)
                return inner[i]!;
            envelope.Identities.Add(new MSPPrincipal
            {
                PrincipalClassification = MSPPrincipal.Types.Classification.Role,
                Principal = new MSPRole { MspIdentifier = principal.MspId, Role = principal.Role }.ToByteString(),
            });
            return new SignaturePolicy { SignedBy = envelope.Identities.Count - 1 };
        });
        return new SignaturePolicy { NOutOf = new() { N = gate.Count, Rules = { rules } } };
    }

    private abstract record Rule;
    private sealed record Gate(int Count, IReadOnlyList<Rule> Rules) : Rule;
    private sealed record Principal(string MspId, MSPRole.Types.MSPRoleType Role) : Rule;

    private sealed class Reader(string text)
    {
        private int position;

        public Gate ReadGate(int depth)
        {
            if (depth > DeepestNesting)
                throw Error($"gates nest deeper than {DeepestNesting}");
            SkipSpace();
            var start = position;
            while (position < text.Length && char.IsAsciiLetter(text[position]))
                position++;
            var name = text[start..position];
            var kind = name switch
            {
                "AND" or "And" or "and" => "AND",
                "OR" or "Or" or "or" => "OR",
                "OUTOF" or "OutOf" or "outof" => "OutOf",
                _ => throw ErrorAt(start, name.Length == 0 ? "a gate (AND, OR or OutOf) is expected" : $"'{name}' is no gate (AND, OR or OutOf)"),
            };
            Expect('(');
            var wanted = kind == "OutOf" ? ReadCount() : 0;
            var rules = new List<Rule>();
            if (kind != "OutOf")
                rules.Add(ReadRule(depth));
            while (TryTake(','))
                rules.Add(ReadRule(depth));
            Expect(')');
            // One more than there are rules is let through by Fabric's tools; such a gate never opens.
            if (wanted > rules.Count + 1)
                throw ErrorAt(start, $"{wanted} of {rules.Count} rules cannot hold");
            return rules.Count == 0
                ? throw ErrorAt(start, "a gate needs at least one rule")
                : new Gate(kind switch { "AND" => rules.Count, "OR" => 1, _ => wanted }, rules);
        }

        public void ExpectEnd()
        {
            SkipSpace();
            if (position < text.Length)
                throw Error("the policy should end here");
        }

        private Rule ReadRule(int depth)
        {
            SkipSpace();
            return position < text.Length && text[position] is '\'' or '"' ? ReadPrincipal() : ReadGate(depth + 1);
        }

        private Principal ReadPrincipal()
        {
            var start = position;
            var end = text.IndexOf(text[position], position + 1);
            if (end < 0)
                throw Error("the quotation is not closed");
            var value = text[(position + 1)..end];
            position = end + 1;
            var dot = value.LastIndexOf('.');
            if (dot <= 0 || !Roles.TryGetValue(value[(dot + 1)..], out var role)
                || !value.AsSpan(0, dot).ContainsOnly(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
                throw ErrorAt(start, "a principal is an MSP id (letters, digits, '.', '-'), a dot and a role (member, admin, client, peer, orderer)");
            return new Principal(value[..dot], role);
        }

        private int ReadCount()
        {
            SkipSpace();
            var start = position;
            var quote = position < text.Length && text[position] is '\'' or '"' ? text[position++] : '\0';
            var digits = position;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
                position++;
            if (!int.TryParse(text.AsSpan(digits, position - digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                throw ErrorAt(start, "a whole number is expected");
            if (quote != '\0')
            {
                if (position >= text.Length || text[position] != quote)
                    throw ErrorAt(start, "the quotation is not closed");
                position++;
            }
            return count;
        }

        private void Expect(char c)
        {
            if (!TryTake(c))
                throw Error($"'{c}' is expected");
        }

        private bool TryTake(char c)
        {
            SkipSpace();
            if (position >= text.Length || text[position] != c)
                return false;
            position++;
            return true;
        }

        private void SkipSpace()
        {
            while (position < text.Length && char.IsWhiteSpace(text[position]))
                position++;
        }

        private FabricDataException Error(string what) => ErrorAt(position, what);

        private static FabricDataException ErrorAt(int at, string what) =>
            new($"The policy does not parse at position {at + 1}: {what}.");
    }

    private static bool ContainsOnly(this ReadOnlySpan<char> text, Func<char, bool> allowed)
    {
        foreach (var c in text)
        {
            if (!allowed(c))
                return false;
        }
        return true;
    }
}
