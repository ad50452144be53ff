using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>Parts of an X.500 name, in the order of the certificate.</summary>
internal static class DistinguishedName
{
    private const string OrganizationalUnitOid = "2.5.4.11";

    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.Ordinal)
    {
        ["2.5.4.3"] = "CN",
        ["2.5.4.5"] = "SERIALNUMBER",
        ["2.5.4.6"] = "C",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.9"] = "STREET",
        ["2.5.4.10"] = "O",
        [OrganizationalUnitOid] = "OU",
        ["2.5.4.17"] = "POSTALCODE",
    };

    /// <summary>The values of every OU in the name.</summary>
    public static IReadOnlyList<string> OrganizationalUnits(X500DistinguishedName name) =>
        [.. Parse(name).SelectMany(rdn => rdn).Where(part => part.Oid == OrganizationalUnitOid).Select(part => part.Text)];

    /// <summary>The name as text, last part first.</summary>
    public static string Format(X500DistinguishedName name) => string.Join(',', Parse(name).AsEnumerable().Reverse()
        .Select(rdn => string.Join('+', rdn.Select(part => ShortNames.TryGetValue(part.Oid, out var shortName)
            ? $"{shortName}={Escape(part.Text)}"
            : $"{part.Oid}=#{Convert.ToHexStringLower(part.Encoded.Span)}"))));

    private static List<Part[]> Parse(X500DistinguishedName name)
    {
        try
        {
            var rdns = new List<Part[]>();
            var sequence = new AsnReader(name.RawData, AsnEncodingRules.BER).ReadSequence();
            while (sequence.HasData)
            {
                var set = sequence.ReadSetOf();
                var parts = new List<Part>();
                while (set.HasData)
                {
                    var pair = set.ReadSequence();
                    var oid = pair.ReadObjectIdentifier();
                    var encoded = pair.ReadEncodedValue();
                    parts.Add(new Part(oid, Text(encoded), encoded));
                }
                rdns.Add([.. parts]);
            }
            return rdns;
        }
        catch (AsnContentException e)
        {
            throw new FabricDataException("The name in the certificate cannot be read.", e);
        }
    }

    private static string Text(ReadOnlyMemory<byte> encoded)
    {
        var reader = new AsnReader(encoded, AsnEncodingRules.BER);
        var tag = reader.PeekTag();
        return tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String
            or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.T61String
            or UniversalTagNumber.BMPString or UniversalTagNumber.NumericString or UniversalTagNumber.VisibleString
            ? reader.ReadCharacterString((UniversalTagNumber)tag.TagValue)
            : "";
    }

    private static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            var atEdge = (i == 0 && c is ' ' or '#') || (i == value.Length - 1 && c == ' ');
            if (atEdge || c is ',' or '+' or '"' or '\\' or '<' or '>' or ';')
                text.Append('\\');
            text.Append(c);
        }
        return text.ToString();
    }

    private readonly record struct Part(string Oid, string Text, ReadOnlyMemory<byte> Encoded);
}
