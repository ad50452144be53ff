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
            foreach (var system in (set.Aliases ?? []).Prepend(set.System).Select(CodeSystemName.Of).Distinct(StringComparer.Ordinal))
                Add(system, set.Codes, meaning);
        }
    }

    /// <summary>
    /// Adds what a coded field stands for: all its repetitions and alternate codes, also where a component holds them as sub-components.
    /// </summary>
    /// <param name="field">The field.</param>
    /// <param name="found">What is added to.</param>
    /// <param name="anySystem">
    /// Whether a code must stand here: then one without a system counts as one of every system, and one of a system that nothing here names where it is written as one of theirs.
    /// </param>
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
        if (!code.IsEmpty && CodeSystemName.Of(system) is { Length: > 0 } name && !Look(TextOf(code), name, found) && !CodeSystemName.SaysItIsNoOther(name))
            LookForAlike(TextOf(code), found);
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
            var known = Look(text, system, found);
            known |= oid != system && Look(text, oid, found);
            if (known || !anySystem)
                continue;
            if (system.Length == 0 && oid.Length == 0)
            {
                foreach (var every in systems)
                    LookIn(text, every, found);
            }
            else if (!CodeSystemName.SaysItIsNoOther(system))
                LookForAlike(text, found);
        }
    }

    // Whether the system is known here.
    private bool Look(string code, string system, SortedSet<string> found)
    {
        if (system is CodeSystemName.Icd)
            return Look(code, CodeSystemName.Icd9, found) | Look(code, CodeSystemName.Icd10, found);
        if (!systems.Contains(system))
            return false;
        LookIn(code, system, found);
        return true;
    }

    private void LookIn(string code, string system, SortedSet<string> found)
    {
        code = Written(code, system);
        if (exact.TryGetValue((system, code), out var meanings))
            found.UnionWith(meanings);
        if (prefixes.TryGetValue(system, out var beginnings))
            found.UnionWith(beginnings.Where(p => code.StartsWith(p.Prefix, StringComparison.Ordinal)).Select(p => p.Meaning));
    }

    // A system that nobody named here may be one of these under another name. Beginnings of codes count of the ICD alone, in a code that is written as its are:
    // so many codes of other systems begin alike.
    private void LookForAlike(string code, SortedSet<string> found)
    {
        var likeIcd = code.Length >= 3 && char.IsAsciiDigit(code[1]) && (code.Length == 3 || code[3] == '.');
        foreach (var every in systems)
        {
            if (likeIcd && CodeSystemName.IsIcd(every))
                LookIn(code, every, found);
            else if (exact.TryGetValue((every, Written(code, every)), out var meanings))
                found.UnionWith(meanings);
        }
    }

    private void Add(string system, IReadOnlyList<string> codes, string meaning)
    {
        if (system is CodeSystemName.Icd)
        {
            Add(CodeSystemName.Icd9, codes, meaning);
            Add(CodeSystemName.Icd10, codes, meaning);
            return;
        }
        systems.Add(system);
        foreach (var code in codes.Select(code => Written(code.Trim().ToUpperInvariant(), system)))
        {
            if (code.EndsWith('*'))
                Of(prefixes, system).Add((code[..^1], meaning));
            else
                Of(exact, (system, code)).Add(meaning);
        }
    }

    private static string NameOf(Er7Value system) => system.IsEmpty || system.IsNull ? "" : CodeSystemName.Of(TextOf(system));

    // Fields of a fixed width pad codes with blanks. Of what is longer than any code the beginning counts, which may be that of many codes.
    private static string TextOf(Er7Value value)
    {
        var raw = value.Raw.Trim((byte)' ');
        return (raw.Length <= LongestRead ? value.Text : Encoding.Latin1.GetString(raw[..Beginning])).Trim().ToUpperInvariant();
    }

    // Codes of the ICD are sent with their dot and without it, and mean the same.
    private static string Written(string code, string system) =>
        CodeSystemName.IsIcd(system) ? code.Replace(".", "", StringComparison.Ordinal) : code;

    private static List<TItem> Of<TKey, TItem>(Dictionary<TKey, List<TItem>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        return list;
    }
}
