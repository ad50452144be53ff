using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>FHIR's media type, and the release that its parameter <c>fhirVersion</c> names.</summary>
internal static class FhirMedia
{
    /// <summary>FHIR in JSON.</summary>
    public const string Json = "application/fhir+json";

    private const string PlainJson = "application/json", Parameter = "fhirVersion";

    /// <summary>What a caller wants to see.</summary>
    internal enum Wanted
    {
        /// <summary>The node's own JSON.</summary>
        Plain,

        /// <summary>A Consent of the release that is named.</summary>
        Fhir,

        /// <summary>A release of FHIR that there is nothing in, and nothing else.</summary>
        Unknown,
    }

    /// <summary>True for the media type, whatever its parameters.</summary>
    public static bool Is(MediaTypeHeaderValue type) => type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase);

    /// <summary>The release that a media type names, R4 where it names none; null for one that is not known here.</summary>
    public static FhirVersion? VersionOf(MediaTypeHeaderValue type)
    {
        var named = type.Parameters.FirstOrDefault(static parameter => parameter.Name.Equals(Parameter, StringComparison.OrdinalIgnoreCase));
        return named is null ? FhirVersion.R4 : HeaderUtilities.RemoveQuotes(named.Value).ToString() switch
        {
            "4.0" or "4.0.1" or "4.3" or "4.3.0" => FhirVersion.R4,
            "5.0" or "5.0.0" => FhirVersion.R5,
            _ => null,
        };
    }

    /// <summary>The best of what <c>Accept</c> names: FHIR only where it is named, in a release that is known.</summary>
    public static (Wanted Wanted, FhirVersion Version) Best(IEnumerable<MediaTypeHeaderValue> accepted)
    {
        var types = accepted.Where(static type => type.Quality is not 0).OrderByDescending(static type => type.Quality ?? 1).ToList();
        var fhir = types.Where(Is).ToList();
        foreach (var type in fhir)
        {
            if (VersionOf(type) is { } version)
                return (Wanted.Fhir, version);
        }
        return fhir.Count == 0 || types.Exists(static type => !Is(type) && type.MatchesMediaType(new StringSegment(PlainJson)))
            ? (Wanted.Plain, FhirVersion.R4)
            : (Wanted.Unknown, FhirVersion.R4);
    }

    /// <summary>The media type of a Consent in a release.</summary>
    public static string Of(FhirVersion version) => $"{Json}; {Parameter}={(version is FhirVersion.R5 ? "5.0" : "4.0")}";
}
