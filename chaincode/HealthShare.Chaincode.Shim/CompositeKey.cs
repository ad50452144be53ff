using System.Text;

namespace HealthShare.Chaincode.Shim;

/// <summary>
/// Fabric's composite keys: U+0000, the object type, then every part, each ended by U+0000. The leading U+0000 keeps them out of
/// plain range reads; the type keeps a range of one kind from being a phantom for another.
/// </summary>
public static class CompositeKey
{
    private const char Separator = '\0';
    private const string MaxRune = "\U0010FFFF"; // greater than any part, since parts may not hold it

    /// <summary>Joins a type and parts into a key.</summary>
    /// <exception cref="ContractException">
    /// <c>key.invalid</c>: the type is empty, or a component holds U+0000, U+10FFFF or half a surrogate pair.
    /// </exception>
    public static string Make(string objectType, params IReadOnlyList<string> parts)
    {
        if (string.IsNullOrEmpty(objectType))
            throw new ContractException(ShimCodes.KeyInvalid, "A composite key needs an object type.");
        var key = new StringBuilder().Append(Separator);
        Append(key, objectType);
        foreach (var part in parts)
            Append(key, part);
        return key.ToString();
    }

    /// <summary>Takes a key apart again.</summary>
    /// <exception cref="ContractException"><c>key.invalid</c>: not a composite key.</exception>
    public static (string ObjectType, IReadOnlyList<string> Parts) Split(string key)
    {
        if (!IsComposite(key) || key.Length < 3 || key[^1] != Separator)
            throw new ContractException(ShimCodes.KeyInvalid, "The key is not a composite key.");
        var components = key[1..^1].Split(Separator);
        return (components[0], components[1..]);
    }

    /// <summary>True when a key begins as composite keys do.</summary>
    public static bool IsComposite(string key) => key.Length > 0 && key[0] == Separator;

    /// <summary>First key of a range over all keys that begin with these parts, and the key after the last.</summary>
    internal static (string Start, string End) RangeOf(string objectType, IReadOnlyList<string> parts)
    {
        var start = Make(objectType, parts);
        return (start, start + MaxRune);
    }

    private static void Append(StringBuilder key, string component)
    {
        KeyRules.CheckUnicode(component);
        if (component.Contains(Separator) || component.Contains(MaxRune, StringComparison.Ordinal))
            throw new ContractException(ShimCodes.KeyInvalid, "A part of a composite key holds U+0000 or U+10FFFF.");
        key.Append(component).Append(Separator);
    }
}

/// <summary>What a peer accepts as a key.</summary>
internal static class KeyRules
{
    /// <summary>Where an open plain range starts: after every composite key.</summary>
    private const string FirstPlainKey = "\u0001";

    public static void Check(string key)
    {
        if (string.IsNullOrEmpty(key))
            throw new ContractException(ShimCodes.KeyInvalid, "A key must not be empty.");
        CheckUnicode(key);
    }

    public static void CheckUnicode(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var consumed) is not System.Buffers.OperationStatus.Done)
                throw new ContractException(ShimCodes.KeyInvalid, "A key holds half a surrogate pair.");
            rest = rest[consumed..];
        }
    }

    /// <summary>Bounds of a plain range, as the peer is asked for them.</summary>
    public static (string Start, string End) PlainRange(string startKey, string endKey)
    {
        CheckUnicode(startKey);
        CheckUnicode(endKey);
        if (CompositeKey.IsComposite(startKey) || CompositeKey.IsComposite(endKey))
            throw new ContractException(ShimCodes.KeyInvalid, "A plain range must not start or end at a composite key.");
        return (startKey.Length == 0 ? FirstPlainKey : startKey, endKey);
    }

    public static string CheckCollection(string collection)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection); // an empty one would mean the public state
        return collection;
    }

    public static void CheckValue(ReadOnlyMemory<byte> value)
    {
        if (value.IsEmpty)
            throw new ArgumentException("A value must not be empty: a peer takes that as a deletion.", nameof(value));
    }
}
