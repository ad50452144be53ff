using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.Problems;

/// <summary>
/// Reads and writes every enumeration of the interface as the ledger does. The framework's own converter takes <c>nurse,itAdministrator</c>
/// for the sum of two roles, which is a third.
/// </summary>
internal sealed class EnumConverters : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(LowerCaseEnumConverter<>).MakeGenericType(typeToConvert))!;
}
