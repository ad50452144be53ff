namespace HealthShare.Node.Consents.Fhir;

/// <summary>The releases of FHIR whose Consent is read and written.</summary>
public enum FhirVersion
{
    /// <summary>R4 and R4B: each provision has a type.</summary>
    R4,

    /// <summary>R5: one decision, and provisions that alternate against it.</summary>
    R5,
}

/// <summary>By whose rules a Consent becomes statements.</summary>
public enum ConsentProfile
{
    /// <summary>The consortium's: only purposes of HL7 PurposeOfUse, and a permit reaches only the labels that it names.</summary>
    Channel,

    /// <summary>IHE PCF's: labels need not be named, and any code system that the consent itself uses is known.</summary>
    Pcf,
}
