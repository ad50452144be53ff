using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace HealthShare.Node.Consents.Explain;

/// <summary>
/// The one place where codes become sentences. Each language is an embedded file <c>words.LANGUAGE.json</c> with the same names
/// and the same placeholders; English is complete, and serves where another language has no word.
/// </summary>
internal sealed class PlainWords
{
    private const string Default = "en", Prefix = "HealthShare.Node.Consents.Explain.words.", Suffix = ".json";
    private static readonly FrozenDictionary<string, PlainWords> Known = Load();

    private readonly FrozenDictionary<string, string> sentences;

    private PlainWords(string language, FrozenDictionary<string, string> sentences) => (Language, this.sentences) = (language, sentences);

    /// <summary>The words of English.</summary>
    public static PlainWords English => Known[Default];

    /// <summary>The language, as in <c>Content-Language</c>.</summary>
    public string Language { get; }

    /// <summary>Every name that this language has words for.</summary>
    public IEnumerable<string> Names => sentences.Keys;

    /// <summary>The languages that there are words in.</summary>
    public static IEnumerable<string> Languages => Known.Keys;

    /// <summary>The words that a caller likes best (<c>Accept-Language</c>); English where none fits.</summary>
    public static PlainWords For(string? acceptLanguage)
    {
        if (!StringWithQualityHeaderValue.TryParseList([acceptLanguage ?? ""], out var wanted))
            return English;
        foreach (var language in wanted.OrderByDescending(value => value.Quality ?? 1).Select(value => value.Value.ToString()))
        {
            if (Known.GetValueOrDefault(language.Split('-')[0].ToLowerInvariant()) is { } words)
                return words;
        }
        return English;
    }

    /// <summary>The sentence of a name with its values put in; null where no language has the name.</summary>
    public string? Find(string name, params IReadOnlyList<(string Name, string? Value)> values)
    {
        if ((sentences.GetValueOrDefault(name) ?? English.sentences.GetValueOrDefault(name)) is not { } sentence)
            return null;
        // Who reads is named with a small letter, as within a sentence; here it begins one.
        var begins = sentence.StartsWith("{reader}", StringComparison.Ordinal);
        foreach (var (key, value) in values)
            sentence = sentence.Replace($"{{{key}}}", value ?? "?", StringComparison.Ordinal);
        return begins ? char.ToUpperInvariant(sentence[0]) + sentence[1..] : sentence;
    }

    /// <summary>The sentence of a code; for a code that there are no words for, the general one with the code in it.</summary>
    public string Say(string kind, string code, string general, params IReadOnlyList<(string Name, string? Value)> values) =>
        Find($"{kind}.{code}", values) ?? Find(general, [.. values, ("reason", code)])!;

    private static FrozenDictionary<string, PlainWords> Load()
    {
        var assembly = typeof(PlainWords).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var words = JsonSerializer.Deserialize(stream, ExplainJson.Default.DictionaryStringString)!;
            return new PlainWords(name[Prefix.Length..^Suffix.Length], words.ToFrozenDictionary(StringComparer.Ordinal));
        }).ToFrozenDictionary(words => words.Language, StringComparer.Ordinal);
    }
}
