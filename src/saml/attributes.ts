// Attributes: a Map of Name to text values. Several Attribute elements of one Name are merged (Keycloak sends one per
// role); a value with element content is left out, never turned into text.
import { requireSaml } from '../errors.ts';
import { ns } from './names.ts';
import { attributeOf, childrenOf, isElement, onlyChild, type XmlElement } from './xml/xml-tree.ts';

export type AssertionAttributes = ReadonlyMap<string, readonly string[]>;

/** The name of an element in place of text, by the attribute's Name: for what a refusal says. */
export type ElementValues = ReadonlyMap<string, string>;

const maxNameLength = 256;

/** Entra ID leaves the groups out above 150 and sends a link instead: silently, no groups. */
const groupsOverage = /\/claims\/groups\.link$/;

/** @throws BrokerError saml_refused `attributes` or `encryption` */
export function readAttributes(assertion: XmlElement): {
  readonly attributes: AssertionAttributes;
  readonly elementValues: ElementValues;
} {
  const attributes = new Map<string, string[]>();
  const elementValues = new Map<string, string>();
  for (const statement of childrenOf(assertion, ns.assertion, 'AttributeStatement')) {
    requireSaml(!onlyChild(statement, ns.assertion, 'EncryptedAttribute'), 'encryption', 'EncryptedAttribute');
    // Core §2.7.3 (schema). A reader that goes by local names would take one of another namespace for an Attribute or a value.
    const hasOthers = statement.children.some((child) => !isElement(child, ns.assertion, 'Attribute'));
    requireSaml(!hasOthers, 'attributes', 'AttributeStatement holds something else than Attribute');
    for (const attribute of childrenOf(statement, ns.assertion, 'Attribute')) {
      const name = attributeOf(attribute, 'Name') ?? '';
      requireSaml(name !== '' && name.length <= maxNameLength, 'attributes', 'Attribute without usable Name');
      requireSaml(!groupsOverage.test(name), 'attributes', 'group overage: the IdP sent a link instead of the groups');
      const values = attributes.get(name) ?? [];
      for (const value of attribute.children) {
        requireSaml(
          isElement(value, ns.assertion, 'AttributeValue'),
          'attributes',
          'Attribute holds something else than AttributeValue',
        );
        const [element] = value.children;
        if (element) elementValues.set(name, element.name);
        else if (value.text !== '') values.push(value.text);
      }
      attributes.set(name, values);
    }
  }
  return { attributes, elementValues };
}
