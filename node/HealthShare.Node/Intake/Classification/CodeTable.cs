using System.Text;
using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Classification;

/// <summary>What codes of code systems stand for; a code that ends in <c>*</c> stands for all that begin so. Without regard to case.</summary>
internal sealed class CodeTable
{
    private const int LongestRead = 4096; // bytes; blanks and escapes may stand around a code or make it long, but no further
    private const int Beginning = 64;
    private const int CodedParts = 20; // of CWE, the last of which is the second alternate's OID

    // Where CWE keeps a code, the name of its system, and that system's OID: the code, the alternate, the second alternate.
    private static readonly (int Code, int System, int Oid)[] Places = [(1, 3, 14), (4, 6, 17), (10, 12, 20)];

    private readonly Dictionary<(string System, string Code), List<string>> exact = [];
    private readonly Dictionary<string, List<(string Prefix, string Meaning)>> prefixes = new(StringComparer.Ordinal);
    private readonly HashSet<string> systems = new(StringComparer.Ordinal);

    public CodeTable(IEnumerable<(CodeSet Set, string Meaning)> sets)
    {
        foreach (var (set, meaning) in sets)
        {
            foreach (var system in (set.Aliases ?? []).Prepend(set.System))
                Add(NameOf(system), set.Codes, meaning);
        }
    }

    /// <summary>
    /// Adds what a coded field stands for: all its repetitions and alternate codes, also where a component holds them as sub-components.
    /// </summary>
    /// <param name="field">The field.</param>
    /// <param name="found">What is added to.</param>
    /// <param name="anySystem">Whether a code without a system counts as one of every system here.</param>
    public void Look(Er7Value field, SortedSet<string> found, bool anySystem = false)
    {
        var parts = new Er7Value[CodedParts];
        Er7Value[]? inner = null;
        foreach (var repetition in field.Repetitions())
        {
            Array.Clear(parts);
            var count = 0;
            foreach (var component in repetition.Components())
            {
                if (component.SubcomponentCount > 1)
                    LookInside(component, inner ??= new Er7Value[CodedParts], found, anySystem);
                else if (count < CodedParts)
                    parts[count] = component;
                count++;
            }
            LookAt(parts, found, anySystem);
        }
    }

    /// <summary>Adds what a code stands for whose system the message leaves to the field's table.</summary>
    public void Look(Er7Value code, string system, SortedSet<string> found)
    {
        if (!code.IsEmpty)
            Look(TextOf(code), NameOf(system), found);
    }

    private void LookInside(Er7Value component, Er7Value[] parts, SortedSet<string> found, bool anySystem)
    {
        Array.Clear(parts);
        var count = 0;
        foreach (var part in component.Subcomponents().Take(CodedParts))
            parts[count++] = part;
        LookAt(parts, found, anySystem);
    }

    private void LookAt(Er7Value[] parts, SortedSet<string> found, bool anySystem)
    {
        foreach (var (codeAt, systemAt, oidAt) in Places)
        {
            var code = parts[codeAt - 1];
            if (code.IsEmpty)
                continue;
            var (system, oid) = (NameOf(parts[systemAt - 1]), NameOf(parts[oidAt - 1]));
            var text = TextOf(code);
            if (systems.Contains(system))
                Look(text, system, found);
            if (oid != system && systems.Contains(oid))
                Look(text, oid, found);
            if (anySystem && system.Length == 0 && oid.Length == 0)
            {
                foreach (var every in systems)
                    Look(text, every, found);
            }
        }
    }

    private void Look(string code, string system, SortedSet<string> found)
    {
        code = Written(code, system);
        if (exact.TryGetValue((system, code), out var meanings))
            found.UnionWith(meanings);
        if (prefixes.TryGetValue(system, out var beginnings))
            found.UnionWith(beginnings.Where(p => code.StartsWith(p.Prefix, StringComparison.Ordinal)).Select(p => p.Meaning));
    }

    private void Add(string system, IReadOnlyList<string> codes, string meaning)
    {
        systems.Add(system);
        foreach (var code in codes.Select(code => Written(code.Trim().ToUpperInvariant(), system)))
        {
            if (code.EndsWith('*'))
                Of(prefixes, system).Add((code[..^1], meaning));
            else
                Of(exact, (system, code)).Add(meaning);
        }
    }

    private static string NameOf(Er7Value system) => system.IsEmpty || system.IsNull ? "" : NameOf(TextOf(system));

    // Fields of a fixed width pad codes with blanks. Of what is longer than any code the beginning counts, which may be that of many codes.
    private static string TextOf(Er7Value value)
    {
        var raw = value.Raw.Trim((byte)' ');
        return (raw.Length <= LongestRead ? value.Text : Encoding.Latin1.GetString(raw[..Beginning])).Trim().ToUpperInvariant();
    }

    private static string NameOf(string system)
    {
        const string Urn = "URN:OID:";
        var name = system.Trim().ToUpperInvariant();
        return name.StartsWith(Urn, StringComparison.Ordinal) ? name[Urn.Length..] : name;
    }

    // Codes of the ICD are sent with their dot and without it, and mean the same.
    private static string Written(string code, string system) => IsIcd(system) ? code.Replace(".", "", StringComparison.Ordinal) : code;

    private static bool IsIcd(string system) =>
        system.StartsWith("I9", StringComparison.Ordinal) || system.StartsWith("I10", StringComparison.Ordinal)
        || system.StartsWith("ICD", StringComparison.Ordinal) || system.Contains("/SID/ICD", StringComparison.Ordinal)
        || system is "2.16.840.1.113883.6.3" or "2.16.840.1.113883.6.42" or "2.16.840.1.113883.6.90" or "2.16.840.1.113883.6.103";

    private static List<TItem> Of<TKey, TItem>(Dictionary<TKey, List<TItem>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        return list;
    }
}
