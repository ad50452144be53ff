using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Vault.Sealing;

internal sealed record EnvelopeWire(int V, string KeyId, byte[] Enc, byte[] Ciphertext);

internal sealed record EnvelopeContent(int V, IReadOnlyList<EnvelopeKey> Keys);

/// <summary>Strict: unknown, missing, null and repeated members are refused.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(Base64UrlConverter)],
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(EnvelopeWire))]
[JsonSerializable(typeof(EnvelopeContent))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;

internal sealed class Base64UrlConverter : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped)
            throw new JsonException("Expected base64url text.");
        try
        {
            return Base64Url.DecodeFromUtf8(reader.ValueSpan);
        }
        catch (FormatException)
        {
            throw new JsonException("Expected base64url text.");
        }
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options)
    {
        var text = new byte[Base64Url.GetEncodedLength(value.Length)];
        Base64Url.EncodeToUtf8(value, text);
        writer.WriteStringValue(text);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(text);
    }
}
